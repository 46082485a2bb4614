import type {
  LabelSelector,
  NetworkPolicyPeer,
  NetworkPolicy,
  NetworkPolicyPort,
  NetworkPolicyRule,
} from '../model/kinds.ts';
import { isRecord } from './json-value.ts';
import { selects } from './selector.ts';

export const DIRECTIONS = ['ingress', 'egress'] as const;
export type Direction = (typeof DIRECTIONS)[number];
type Labels = Readonly<Record<string, string>> | null | undefined;

/** One rule of a policy, whatever its direction. */
export interface PolicyRuleOf {
  /** Undefined where the rule is for everybody: `from`/`to` absent or empty. */
  readonly peers: readonly NetworkPolicyPeer[] | undefined;
  /** Undefined where the rule is for every port: `ports` absent or empty. */
  readonly ports: readonly NetworkPolicyPort[] | undefined;
  readonly rule: NetworkPolicyRule;
  /** JSON pointer. */
  readonly path: string;
}

/**
 * Whether a policy restricts a direction (networking/v1 defaults): without `policyTypes` always ingress, and egress only
 * where there is an egress rule, so that `egress: []` alone restricts nothing.
 */
export function restricts({ spec }: NetworkPolicy, direction: Direction): boolean {
  const types = arrayOf(spec?.policyTypes);
  if (types.length > 0) return types.includes(direction === 'ingress' ? 'Ingress' : 'Egress');
  return direction === 'ingress' || arrayOf(spec?.egress).length > 0;
}

/** Pods of the policy's own namespace; a selector that is absent is an empty one, for in Go the field is no pointer. */
export const selectsPod = ({ spec }: NetworkPolicy, labels: Labels): boolean =>
  selects(spec?.podSelector ?? {}, labels);

/** Whether a policy selects every pod that its namespace has or will have. */
export function selectsAllPods({ spec }: NetworkPolicy): boolean {
  return isEmptySelector(spec?.podSelector ?? {});
}

export function isEmptySelector({ matchLabels, matchExpressions }: LabelSelector): boolean {
  return Object.keys(matchLabels ?? {}).length === 0 && arrayOf(matchExpressions).length === 0;
}

/** The rules of a direction; none where the policy does not restrict it, for then they are ignored. */
export function rulesOf(policy: NetworkPolicy, direction: Direction): readonly PolicyRuleOf[] {
  if (!restricts(policy, direction)) return [];
  return arrayOf(policy.spec?.[direction]).map((rule, index) => {
    const peers = arrayOf(direction === 'ingress' ? rule.from : rule.to);
    const ports = arrayOf(rule.ports);
    return {
      peers: peers.length > 0 ? peers : undefined,
      ports: ports.length > 0 ? ports : undefined,
      rule,
      path: `/spec/${direction}/${String(index)}`,
    };
  });
}

/** What in a policy does less than its author meant, or nothing at all. */
export interface PolicyFault {
  readonly fault: 'misspelled-key' | 'rules-ignored' | 'egress-unrestricted';
  readonly path: string;
  readonly text: string;
}

/** Names under which typed clients hold fields whose own name is a word of their language. */
const MISSPELLED: Readonly<Record<string, string>> = { _from: 'from', from_: 'from', _to: 'to', to_: 'to' };

/** Faults that a policy's own text shows. The API server drops fields that it does not know, with no more than a warning. */
export function faultsOf(policy: NetworkPolicy): readonly PolicyFault[] {
  return [
    ...DIRECTIONS.flatMap((direction) => [...misspelledIn(policy, direction), ...ignoredIn(policy, direction)]),
    ...emptyEgress(policy),
  ];
}

function misspelledIn({ spec }: NetworkPolicy, direction: Direction): readonly PolicyFault[] {
  return arrayOf(spec?.[direction]).flatMap((rule, index) => {
    const keys = isRecord(rule) ? Object.keys(rule).filter((key) => Object.hasOwn(MISSPELLED, key)) : [];
    return keys.map((key): PolicyFault => ({
      fault: 'misspelled-key',
      path: `/spec/${direction}/${String(index)}`,
      text: `${key} is no field and is dropped; ${MISSPELLED[key] ?? ''} is meant`,
    }));
  });
}

function ignoredIn(policy: NetworkPolicy, direction: Direction): readonly PolicyFault[] {
  if (arrayOf(policy.spec?.[direction]).length === 0 || restricts(policy, direction)) return [];
  const type = direction === 'ingress' ? 'Ingress' : 'Egress';
  const text = `policyTypes does not name ${type}: these rules are ignored`;
  return [{ fault: 'rules-ignored', path: `/spec/${direction}`, text }];
}

function emptyEgress(policy: NetworkPolicy): readonly PolicyFault[] {
  const { spec } = policy;
  if (!Array.isArray(spec?.egress) || spec.egress.length > 0 || restricts(policy, 'egress')) return [];
  const typed = arrayOf(spec.policyTypes).length > 0 ? 'where policyTypes does not name Egress' : 'without policyTypes';
  return [{ fault: 'egress-unrestricted', path: '/spec/egress', text: `egress: [] restricts nothing ${typed}` }];
}

function arrayOf<T>(value: readonly T[] | null | undefined): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [];
}
