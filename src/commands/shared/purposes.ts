import { createHash } from 'node:crypto';
import { defaultContent } from '../../bundle/default-content.ts';
import { CHECKS } from '../../checks/index.ts';
import { readingRights, type PlacedRight } from '../../kubernetes/placed-right.ts';
import type { Check } from '../../model/check.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';
import type { PlatformId } from '../../model/platform.ts';
import { RESOURCES, type Resource } from '../../model/resource.ts';
import { compareText } from '../../model/text.ts';
import { detectionReads } from '../../platforms/profiles.ts';
import { repairRights } from '../../platforms/repair-rights.ts';
import { readsOf } from './read-source.ts';
import { nearest } from './selection.ts';

/** What somebody is to be allowed to do with this tool. */
export interface Purpose {
  /** Names of roles begin like this; another set of rights has another name, so that none replaces the other. */
  readonly roleName: string;
  /** `kubectl crewiso doctor` and the like, for people. */
  readonly title: string;
  readonly rights: readonly PlacedRight[];
  /** Listings made of the data of Secrets. */
  readonly secretReads: readonly Resource[];
}

const COMMANDS = ['doctor', 'bundle', 'fix'] as const;
type Command = (typeof COMMANDS)[number];

const TITLES: Readonly<Record<Command, string>> = {
  doctor: 'kubectl crewiso doctor',
  bundle: 'kubectl crewiso bundle collect',
  fix: 'kubectl crewiso doctor --fix',
};

/**
 * What the words of `--for` take: those of commands, else of checks.
 * @param logs whether logs are read as well (`doctor --logs`)
 * @param platforms to be judged; default: CrewAI Platform, and for a check that it has not, all that have it
 * @throws CrewisoError (2) for a word that is neither, with the nearest ones
 */
export function purposeOf(words: readonly string[], logs: boolean, platforms?: readonly PlatformId[]): Purpose {
  const wanted = [...new Set(words)].sort(compareText);
  const commands = COMMANDS.filter((command) => wanted.includes(command));
  const checks = wanted.filter((word) => !COMMANDS.some((command) => command === word)).map(checkOf);
  const judged = commands.includes('doctor') || commands.includes('fix') ? CHECKS : checks;
  const ids = platforms ?? [...new Set(judged === CHECKS || checks.length === 0 ? USUAL : checks.flatMap(platformsOf))];
  // A check that is asked for by name will be given what it needs.
  const settings = checks.some(({ setting }) => setting === 'crdBaseline') ? { crdBaseline: 'DIR' } : {};
  const reads = [...detectionReads(ids), ...readsOf(judged)(ids, settings)].filter(
    (resource) => logs || !RESOURCES[resource].onDemand,
  );
  const rights = [
    ...readingRights(reads),
    ...(commands.includes('bundle') ? defaultContent(ids) : []),
    ...(commands.includes('fix') ? repairRights(ids) : []),
  ];
  return {
    roleName: roleName(commands, commands.includes('doctor') ? [] : checks, logs),
    title: titleOf(commands, checks),
    rights,
    secretReads: [...new Set(reads)].filter((resource) => SECRET_READS.has(resource)),
  };
}

const USUAL: readonly PlatformId[] = ['crewai'];

const platformsOf = ({ platforms }: Check): readonly PlatformId[] => (platforms.includes('crewai') ? USUAL : platforms);

const SECRET_READS: ReadonlySet<Resource> = new Set(['registry-secrets', 'helm-releases', 'support-bundle-specs']);

function checkOf(id: string): Check {
  const check = CHECKS.find((candidate) => candidate.id === id);
  if (check) return check;
  const near = nearest(id, [...COMMANDS, ...CHECKS.map((candidate) => candidate.id)]);
  throw new CrewisoError(`--for ${id}: there is no such command or check`, {
    code: 'usage',
    exitCode: EXIT.usage,
    suggestions: [
      near.length > 0 ? `did you mean ${near.join(' or ')}?` : `--for takes ${COMMANDS.join(', ')} and ids of checks`,
    ],
  });
}

function roleName(commands: readonly Command[], checks: readonly Check[], logs: boolean): string {
  const words = [...commands, ...checks.map(({ id }) => id), ...(logs ? ['logs'] : [])];
  const base = commands.includes('fix') ? 'crewiso-fixer' : 'crewiso-reader';
  const named = words.filter((word) => word !== (base === 'crewiso-fixer' ? 'fix' : 'doctor'));
  const [only, ...others] = named;
  if (only === undefined) return base;
  if (others.length === 0) return `${base}-${only}`;
  return `${base}-${createHash('sha256').update(words.join()).digest('hex').slice(0, 8)}`;
}

function titleOf(commands: readonly Command[], checks: readonly Check[]): string {
  const ofChecks = checks.length > 0 && !commands.includes('doctor') && !commands.includes('fix');
  return [
    ...commands.map((command) => TITLES[command]),
    ...(ofChecks ? [`kubectl crewiso doctor --check ${checks.map(({ id }) => id).join(',')}`] : []),
  ].join(', ');
}
