import { placeOf, shell, targetText, type DenialOf, type Explanation, type Told } from './denial-explanation.ts';
import type { QuotaAmounts } from './forbidden-denial.ts';
import { parseQuantity } from './quantity.ts';

/** A quota is used up, or cannot be judged. */
export function explainQuota(told: Told<DenialOf<'quota'>>): Explanation {
  const { denial, namespace } = told;
  const { quota, requested, used, limited, reason } = denial;
  const raise = raisedTo(denial);
  return {
    class: denial.class,
    rbac: false,
    headline: 'a ResourceQuota refused the object; a RoleBinding will not help',
    what: [
      `${targetText(told)}${quota === undefined ? '' : `, quota ${quota}`}`,
      ...Object.keys(limited).map(
        (key) => `${key}: requested ${requested[key] ?? '?'}, used ${used[key] ?? '?'}, limited ${limited[key] ?? '?'}`,
      ),
      ...(reason === undefined ? [] : [reason]),
    ],
    where: placeOf(namespace),
    steps: [
      ...(quota === undefined
        ? [shell`kubectl -n ${namespace} describe resourcequota`]
        : [shell`kubectl -n ${namespace} describe resourcequota ${quota}`]),
      '# remove what is no longer needed, ask for less in the pod template, or raise the quota',
      ...(quota === undefined || Object.keys(raise).length === 0
        ? []
        : [
            '# the least that lets this one object in:',
            comment(
              shell`kubectl -n ${namespace} patch resourcequota ${quota} --type=merge -p ${JSON.stringify({ spec: { hard: raise } })}`,
            ),
          ]),
    ],
    watch: [
      'rolling updates need room for the pods of maxSurge as well',
      ...(reason === undefined ? [] : ['a quota without usage yet is one that its controller has not counted: wait']),
    ],
    see: ['quota-exhausted', 'forbidden-by-admission'],
  };
}

/** Whose limit it is decides, not who was refused. */
function comment(command: string): string {
  return command.startsWith('#') ? command : `# ${command}`;
}

/** What each exceeded resource must be limited to so that the request fits. */
function raisedTo({ requested, used, limited }: DenialOf<'quota'>): QuotaAmounts {
  return Object.fromEntries(
    Object.keys(limited).flatMap((key) => {
      const amounts = [requested[key], used[key]];
      const [asked, taken] = amounts.map((amount) => (amount === undefined ? undefined : parseQuantity(amount)));
      if (asked === undefined || taken === undefined) return [];
      return [[key, quantityText(asked + taken, amounts.join(' ').includes('i'))] as const];
    }),
  );
}

const UNITS = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki'] as const;

/** Billionths as a quantity: in the largest binary unit that keeps it whole, else whole or in thousandths. */
function quantityText(billionths: bigint, binary: boolean): string {
  const whole = billionths / 1_000_000_000n;
  if (whole * 1_000_000_000n !== billionths) return `${String((billionths + 999_999n) / 1_000_000n)}m`;
  for (const [at, unit] of binary ? UNITS.entries() : []) {
    const size = 1n << BigInt(10 * (UNITS.length - at));
    if (whole >= size && whole % size === 0n) return `${String(whole / size)}${unit}`;
  }
  return String(whole);
}

/** A quota counts something that the containers do not state. */
export function explainQuotaUnset(told: Told<DenialOf<'quota-unset'>>): Explanation {
  const { quota, unset } = told.denial;
  const { namespace } = told;
  const containers = [...new Set(unset.flatMap((entry) => entry.containers))];
  return {
    class: told.denial.class,
    rbac: false,
    headline: 'a ResourceQuota counts what the containers do not state; a RoleBinding will not help',
    what: [
      `${targetText(told)}, quota ${quota}`,
      ...unset.map((entry) => `${entry.resource} is not set${inContainers(entry.containers)}`),
    ],
    where: placeOf(namespace),
    steps: [
      `# set ${unset.map(({ resource }) => resource).join(', ')} in the pod template${inContainers(containers)}`,
      '# or have a LimitRange with defaults in the namespace, which fills them in:',
      shell`kubectl -n ${namespace} get limitrange`,
      shell`kubectl -n ${namespace} describe resourcequota ${quota}`,
    ],
    watch: ['it is not the amount that is refused: once stated, it may still exceed the quota'],
    see: ['forbidden-by-admission', 'quota-exhausted'],
  };
}

function inContainers(containers: readonly string[]): string {
  if (containers.length === 0) return '';
  return ` in container${containers.length === 1 ? '' : 's'} ${containers.join(', ')}`;
}
