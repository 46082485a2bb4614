import { clean } from '../model/text.ts';
import type { Parsed, QuotaAmounts } from './forbidden-denial.ts';
import { firstLine } from './text-cursor.ts';

type Parser = (text: string) => Parsed | undefined;

/**
 * What the admission plugins of the API server say after `is forbidden: `, from their sources in plugin/pkg/admission,
 * k8s.io/apiserver/pkg/admission/plugin, k8s.io/pod-security-admission and k8s.io/apiextensions-apiserver.
 */
const ADMISSION: readonly Parser[] = [
  parseQuotaExceeded,
  parseQuotaUnset,
  parseQuotaOther,
  parsePodSecurity,
  parseLimitRange,
  (text) =>
    matched(
      /^error looking up service account\s+([^\s/]+)\/([^\s:]+):\s+(?:serviceaccount "[^"]*" not found)?/,
      text,
      ([, namespace = '', name = '']) => ({
        class: 'account-missing',
        account: { namespace, name },
      }),
    ),
  (text) =>
    matched(
      /^[^\n]{0,400}?[nN]ame="([^"]*)"\s+is not allowed because service account\s+(\S+)\s+does not reference that \w+/,
      text,
      ([, secret = '', account = '']) => ({
        class: 'secret-reference',
        secret,
        account,
      }),
    ),
  (text) =>
    matched(
      /^unable to create new content in namespace\s+(\S+)\s+because it is being terminated/,
      text,
      ([, namespace = '']) => ({
        class: 'terminating',
        namespace,
      }),
    ),
  (text) => matched(/^this namespace may not be deleted/, text, () => ({ class: 'protected' })),
  (text) =>
    matched(/^create not allowed while custom resource definition is terminating/, text, () => ({
      class: 'crd-terminating',
    })),
  parsePolicy,
  parseOwnerReference,
  parseWebhook,
];

/** The class of an admission refusal, from the text after `is forbidden: `; undefined where no plugin is known for it. */
export function parseAdmission(text: string): Parsed | undefined {
  for (const parse of ADMISSION) {
    const parsed = parse(text);
    if (parsed) return parsed;
  }
  return undefined;
}

/** A refusal by a plugin that is not known: its first line is all there is to say. */
export function otherAdmission(text: string): Parsed {
  const line = firstLine(text.slice(0, 4000));
  return { class: 'admission-other', reason: clean(line), length: line.length };
}

/** `exceeded quota: org-quota, requested: pods=1, used: pods=10, limited: pods=10`; only what is exceeded is named. */
function parseQuotaExceeded(text: string): Parsed | undefined {
  const list = String.raw`([\w./+,=-]*)`;
  const pattern = new RegExp(
    String.raw`^exceeded quota:\s+([^\s,]+)(?:,\s+requested:\s+${list})?(?:\s+used:\s+${list})?(?:\s+limited:\s+${list})?`,
  );
  return matched(pattern, text, ([, quota = '', requested, used, limited]) => ({
    class: 'quota',
    quota,
    requested: amounts(requested),
    used: amounts(used),
    limited: amounts(limited),
    ...(amountsPresent(limited) ? {} : { truncated: true }),
  }));
}

function amounts(list: string | undefined): QuotaAmounts {
  const pairs = (list ?? '').split(',').map((pair) => pair.split('='));
  return Object.fromEntries(pairs.flatMap(([key, value]) => (key && value ? [[key, value] as const] : [])));
}

function amountsPresent(list: string | undefined): boolean {
  return Object.keys(amounts(list)).length > 0;
}

/** `failed quota: org-quota: must specify limits.memory for: c; requests.cpu for: c,d`; before 1.24 a bare list. */
function parseQuotaUnset(text: string): Parsed | undefined {
  return matched(/^[Ff]ailed quota:\s+(\S+):\s+must\s+specify\s+([^\n"'\\]*)/, text, ([, quota = '', list = '']) => ({
    class: 'quota-unset',
    quota,
    unset: list.includes(' for:')
      ? list.split(';').map((entry) => {
          const [resource = '', containers = ''] = entry.split(/ for:/);
          return { resource: resource.trim(), containers: words(containers) };
        })
      : words(list).map((resource) => ({ resource, containers: [] })),
  }));
}

function words(list: string): string[] {
  return list.split(',').flatMap((word) => word.trim() || []);
}

function parseQuotaOther(text: string): Parsed | undefined {
  return matched(
    /^(?:(?:[Ff]ailed quota|[Ss]tatus unknown for quota):\s+([^\s:,]+)|insufficient quota to |quota usage is negative)/,
    text,
    ([, quota], line) => ({
      class: 'quota',
      ...(quota === undefined ? {} : { quota }),
      requested: {},
      used: {},
      limited: {},
      reason: clean(line),
    }),
    'line',
  );
}

function parsePodSecurity(text: string): Parsed | undefined {
  return matched(
    /^violates\s+PodSecurity\s+"([^":]*):?([^"]*)":\s*/,
    text,
    ([head = '', level = '', version = ''], line) => {
      const violations = splitOutside(line.slice(head.length)).map(violation);
      return {
        class: 'pod-security',
        level,
        version,
        violations,
        ...(violations.length > 0 ? {} : { truncated: true }),
      };
    },
    'line',
  );
}

/** `privileged (container "c" must not set …)` */
function violation(text: string): { readonly check: string; readonly detail?: string } {
  const open = text.indexOf(' (');
  if (open < 0) return { check: clean(text) };
  return { check: clean(text.slice(0, open)), detail: clean(text.slice(open + 2).replace(/\)$/, '')) };
}

/** Splits at commas that stand outside of brackets; quoted lists within the details have commas of their own. */
function splitOutside(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let index = 0; index <= text.length; index++) {
    const char = text.charAt(index);
    if (char === '(' || char === '[') depth++;
    else if (char === ')' || char === ']') depth--;
    else if (index === text.length || (char === ',' && depth <= 0)) {
      parts.push(text.slice(from, index).trim());
      from = index + 1;
    }
  }
  return parts.filter(Boolean);
}

function parseLimitRange(text: string): Parsed | undefined {
  return matched(
    /^\[?(?:(?:minimum|maximum)\s+\S+\s+usage\s+per\s|\S+\s+max\s+limit\s+to\s+request\s+ratio\s+per\s)/,
    text,
    (_match, line) => ({
      class: 'limit-range',
      violations: line
        .replace(/^\[/, '')
        .replace(/\]\s*$/, '')
        .split(/,\s(?=(?:minimum|maximum)\s|\S+\smax\slimit)/)
        .map(clean),
    }),
    'line',
  );
}

function parsePolicy(text: string): Parsed | undefined {
  return matched(
    /^ValidatingAdmissionPolicy\s+'([^']*)'(?:\s+with\s+binding\s+'([^']*)')?\s+denied\s+request:\s*/,
    text,
    ([head = '', policy = '', binding], line) => ({
      class: 'admission-policy',
      policy,
      ...(binding === undefined ? {} : { binding }),
      reason: clean(line.slice(head.length)),
    }),
    'line',
  );
}

function parseOwnerReference(text: string): Parsed | undefined {
  return matched(
    /^cannot\s+set\s+(an ownerRef|blockOwnerDeletion)\b/,
    text,
    ([, what], line) => ({
      class: 'owner-reference',
      needs: what === 'blockOwnerDeletion' ? 'finalizers' : 'delete',
      reason: clean(line),
    }),
    'line',
  );
}

/** Webhooks refuse with any status and without a target; one that cannot be reached is a 500. */
export function parseWebhook(text: string): Parsed | undefined {
  const denied = /^admission webhook\s+"([^"]*)"\s+denied\s+the\s+request(?::\s*|\s+(?=without explanation))/;
  const down = /^failed calling (?:admission )?webhook\s+"([^"]*)":\s*/;
  return (
    matched(denied, text, ([head = '', webhook = ''], line) => reasoned('webhook', webhook, line, head), 'line') ??
    matched(down, text, ([head = '', webhook = ''], line) => reasoned('webhook-down', webhook, line, head), 'line')
  );
}

function reasoned(kind: 'webhook' | 'webhook-down', webhook: string, line: string, head: string): WithoutLength {
  return { class: kind, webhook, reason: clean(line.slice(head.length)) };
}

type WithoutLength = Parsed extends infer P ? (P extends unknown ? Omit<P, 'length'> : never) : never;

/**
 * What the pattern found, with how much of the text belongs to it: the match itself, or (`line`) also the rest of the
 * line, which is then handed to `make`.
 */
function matched(
  pattern: RegExp,
  text: string,
  make: (match: RegExpExecArray, line: string) => WithoutLength,
  extent: 'match' | 'line' = 'match',
): Parsed | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [head] = match;
  const line = extent === 'match' ? head : head + firstLine(text.slice(head.length, 8000));
  return { ...make(match, line), length: line.length };
}
