import { parseBoolean } from '../kubernetes/command-flags.ts';
import type { FluxView } from '../model/check.ts';
import type { FluxController, FluxPlatform } from '../model/flux.ts';
import { shellQuote } from '../model/text.ts';
import { appliedIn, flagOf, type APPLIED } from './flux-objects.ts';

type AppliedResource = (typeof APPLIED)[number];

/** A patch in the `patches` of a kustomization.yaml, to be pasted: three spaces keep its lines as they are. */
function patchOf(kind: string, name: string, path: string, values: readonly unknown[]): readonly string[] {
  return [
    `#   - target: {kind: ${kind}, name: ${name}}`,
    '#     patch: |',
    ...values.flatMap((value) => [
      '#       - op: add',
      `#         path: ${path}`,
      `#         value: ${JSON.stringify(value)}`,
    ]),
  ];
}

const WHERE = (namespace: string): string =>
  `# in Git, under patches in the kustomization.yaml beside gotk-components.yaml (${namespace}):`;

/** Flux's own objects that name no account: with a default account they would have no rights any more. */
export function accountFirst(view: FluxView<AppliedResource>): readonly string[] {
  return view.platform.ownNamespaces.flatMap((namespace) => {
    const open = appliedIn(view, namespace).filter(({ spec }) => !spec.serviceAccountName && !spec.kubeConfig);
    if (open.length === 0) return [];
    const [first] = open;
    const kustomization = first ? `${first.ref.kind.toLowerCase()} ${shellQuote(first.name)}` : '';
    return [
      "# first, in a commit of its own: Flux's own objects name their account, or the flags would lock Flux out of itself",
      WHERE(namespace),
      ...open.flatMap(({ ref, controller, name }) => patchOf(ref.kind, name, '/spec/serviceAccountName', [controller])),
      '# and once that is applied:',
      `kubectl -n ${namespace} get ${kustomization} -o jsonpath='{.spec.serviceAccountName}'`,
    ];
  });
}

/** Flags that are added at the end, where the last one wins. */
export function flagPatches(
  { deployment }: FluxController,
  flags: readonly string[],
  { platformNamespace }: Pick<FluxPlatform, 'platformNamespace'>,
): readonly string[] {
  const { name, namespace = platformNamespace ?? '' } = deployment.metadata;
  const path = '/spec/template/spec/containers/0/args';
  const hasArgs = (deployment.spec?.template?.spec?.containers ?? []).some(({ args }) => (args ?? []).length > 0);
  return [
    WHERE(namespace),
    ...(hasArgs ? patchOf('Deployment', name, `${path}/-`, flags) : patchOf('Deployment', name, path, [flags])),
  ];
}

/** All that a controller lacks to keep tenants apart. */
export function missingFlags(controller: FluxController): readonly MissingFlag[] {
  const { kind } = controller;
  const applies = kind === 'kustomize-controller' || kind === 'helm-controller';
  const wanted: readonly Wanted[] = [
    ...(kind === 'source-controller' ? [] : [{ name: 'no-cross-namespace-refs', add: 'true' }]),
    ...(kind === 'kustomize-controller' ? [{ name: 'no-remote-bases', add: 'true' }] : []),
    ...(applies ? [{ name: 'default-service-account', add: 'default' }] : []),
  ];
  return wanted.flatMap(({ name, add }): MissingFlag[] => {
    const flag = flagOf(controller, name);
    const text = `--${name}=${add}`;
    if (!flag) return [{ text }];
    if ('unknown' in flag) return [{ text, unknown: flag.unknown }];
    const isSet = add === 'true' ? parseBoolean(flag.value) === true : flag.value !== '';
    return isSet ? [] : [{ text, set: flag.value }];
  });
}

interface Wanted {
  readonly name: string;
  readonly add: string;
}

/** A flag that should be set, with what it is set to instead, or why that cannot be told. */
export interface MissingFlag {
  readonly text: string;
  readonly set?: string;
  readonly unknown?: string;
}
