import type { KubeObject } from '../model/object.ts';
import { SECURITY_LEVELS, type SecurityLevel } from '../model/pods.ts';

/** A level and the minor version of Kubernetes whose rules it means; without one the newest that the server knows. */
export interface LevelVersion {
  readonly level: SecurityLevel;
  readonly minor?: number;
}

export type SecurityMode = 'enforce' | 'audit' | 'warn';

/** What a namespace's labels make of each mode. A mode that no label sets is the server's own default: absent here. */
export interface SecurityPolicy {
  readonly enforce?: LevelVersion;
  readonly audit?: LevelVersion;
  readonly warn?: LevelVersion;
  /** Labels that hold no level or no version. */
  readonly invalid: readonly string[];
}

const PREFIX = 'pod-security.kubernetes.io/';

export const securityLabel = (mode: SecurityMode): string => `${PREFIX}${mode}`;

/** Negative, zero or positive as `a` is less strict than, as strict as, or stricter than `b`. */
export function compareLevels(a: SecurityLevel, b: SecurityLevel): number {
  return SECURITY_LEVELS.indexOf(a) - SECURITY_LEVELS.indexOf(b);
}

/** `restricted:latest`, as the API server writes it. */
export const levelText = ({ level, minor }: LevelVersion): string =>
  `${level}:${minor === undefined ? 'latest' : `v1.${String(minor)}`}`;

/**
 * pod-security-admission api.PolicyToEvaluate: a word that is no level enforces `restricted`, and audits and warns of
 * nothing; a version that is none means the latest; warn follows an enforce label that is stricter.
 */
export function securityPolicyOf({ metadata }: KubeObject): SecurityPolicy {
  const labels = metadata.labels ?? {};
  const invalid: string[] = [];
  const read = (mode: SecurityMode): LevelVersion | undefined => {
    const label = securityLabel(mode);
    const word = Object.hasOwn(labels, label) ? labels[label] : undefined;
    const version = labels[`${label}-version`];
    const minor = version === undefined ? undefined : minorOf(version);
    if (version !== undefined && version !== 'latest' && minor === undefined) invalid.push(`${label}-version`);
    if (word === undefined) return undefined;
    const level = SECURITY_LEVELS.find((candidate) => candidate === word);
    if (level === undefined) invalid.push(label);
    const effective = level ?? (mode === 'enforce' ? 'restricted' : 'privileged');
    return { level: effective, ...(minor === undefined ? {} : { minor }) };
  };
  const enforce = read('enforce');
  const audit = read('audit');
  const own = read('warn');
  const follows = own === undefined && enforce !== undefined && !invalid.includes(securityLabel('enforce'));
  const warn = follows ? warnAfter(enforce, labels[`${securityLabel('warn')}-version`]) : own;
  return { ...(enforce && { enforce }), ...(audit && { audit }), ...(warn && { warn }), invalid };
}

/** The version of a warn label without a level holds for the level that it follows. */
function warnAfter(enforce: LevelVersion, version: string | undefined): LevelVersion | undefined {
  if (enforce.level === 'privileged') return undefined;
  if (version === undefined) return enforce;
  const minor = minorOf(version);
  return { level: enforce.level, ...(minor === undefined ? {} : { minor }) };
}

/** The minor version of `v1.36`, also of a server's `v1.36.2+vendor`; undefined for `latest` and what is no version. */
function minorOf(version: string): number | undefined {
  const [, minor] = /^v1\.(0|[1-9]\d*)$/.exec(version) ?? [];
  return minor === undefined ? undefined : Number(minor);
}

/** The minor version in what a server says of itself (`v1.36.2`, `v1.36.2+vendor`). */
export function serverMinor(version: string | undefined): number | undefined {
  const [, minor] = /^v?1\.(\d+)(?:\D|$)/.exec(version ?? '') ?? [];
  return minor === undefined ? undefined : Number(minor);
}

/** The labels of Pod Security that a namespace carries, as `key=value`. */
export function securityLabels({ metadata }: KubeObject): readonly string[] {
  return Object.entries(metadata.labels ?? {})
    .filter(([key]) => key.startsWith(PREFIX))
    .map(([key, value]) => `${key}=${value}`)
    .sort();
}
