import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseYaml } from '../../src/manifests/yaml.ts';
import type { Plan } from '../../src/model/fix.ts';
import type { RunDocument } from '../../src/model/run.ts';
import { readJournal, settle } from '../../src/remediation/journal.ts';
import type { ApiClient } from './api-client.ts';
import type { FixCase } from './fix-cases.ts';
import { crewiso, type Ran, type RunOptions } from './harness.ts';

/** The program's clock runs ahead, so that what the suite made moments ago has settled. */
const CLOCK = { NODE_OPTIONS: `--import=${new URL('later.mjs', import.meta.url).href}` };

const FOLDERS: string[] = [];

/** The plans that were applied so far, by the ids of their runs, as the journals have them. */
export function plansByRun(): ReadonlyMap<string, Plan> {
  const runs = FOLDERS.map((folder) => join(folder, 'kubectl-crewiso', 'runs')).filter((folder) => existsSync(folder));
  const files = runs.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  return new Map(
    files.flatMap((file) => {
      const begin = settle(readJournal(file))?.begin;
      return begin ? [[begin.run, begin.plan] as const] : [];
    }),
  );
}

/** A place for journals and plans of one test, and the ways to run the program there. */
export class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), 'crewiso-fix-e2e-'));
  readonly #options: RunOptions;

  constructor(options: RunOptions = {}) {
    this.#options = options;
    FOLDERS.push(this.folder);
  }

  run(args: readonly string[], more: RunOptions = {}): Promise<Ran> {
    const env = { ...CLOCK, XDG_STATE_HOME: this.folder, ...this.#options.env, ...more.env };
    return crewiso(args, { ...this.#options, ...more, env });
  }

  get planFile(): string {
    return join(this.folder, 'plan.yaml');
  }

  /** Writes a plan for one case. */
  async plan(
    { check, scope, flags = [] }: Pick<FixCase, 'check' | 'scope' | 'flags'>,
    target: readonly string[] = [],
  ): Promise<{ ran: Ran; plan: Plan }> {
    const chosen = [...scope, '--check', check, ...flags];
    const ran = await this.run(['doctor', '--fix', ...chosen, '--plan-out', this.planFile, ...target]);
    return { ran, plan: parseYaml(readFileSync(this.planFile, 'utf8')) as Plan };
  }

  apply(target: readonly string[] = [], more: RunOptions = {}): Promise<Ran> {
    const { plan } = { plan: parseYaml(readFileSync(this.planFile, 'utf8')) as Plan };
    const destructive = plan.fixes.some((fix) => fix.class === 'destructive');
    const consent = destructive ? ['--allow-destructive', '--confirm', plan.digest.slice(0, 8)] : [];
    return this.run(['fix', 'apply', this.planFile, ...consent, '-o', 'json', ...target], more);
  }

  undo(target: readonly string[] = []): Promise<Ran> {
    return this.run(['fix', 'undo', 'last', '--yes', '--allow-destructive', '-o', 'json', ...target]);
  }
}

/** What a run came to. */
export function documentOf({ stdout, stderr }: Ran): RunDocument {
  if (!stdout.startsWith('{')) throw new Error(`no document: ${stdout}${stderr}`);
  return JSON.parse(stdout) as RunDocument;
}

const COLLECTIONS = [
  '/api/v1/namespaces/NS/secrets',
  '/api/v1/namespaces/NS/serviceaccounts',
  '/apis/apps/v1/namespaces/NS/deployments',
  '/apis/rbac.authorization.k8s.io/v1/namespaces/NS/roles',
  '/apis/rbac.authorization.k8s.io/v1/namespaces/NS/rolebindings',
];
const SERVERS = new Set(['uid', 'resourceVersion', 'creationTimestamp', 'generation', 'managedFields']);

interface Item {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly status?: unknown;
}

/** Everything in a namespace that a fix may touch, without what only the server decides. */
export async function stateOf(client: ApiClient, namespace: string): Promise<unknown> {
  const own = await client.send('GET', `/api/v1/namespaces/${namespace}`);
  const lists = await Promise.all(
    COLLECTIONS.map(async (path) => {
      const { items } = (await client.demand('GET', path.replace('NS', namespace))) as { items: Item[] };
      return items.map(bare);
    }),
  );
  return { namespace: own.status === 404 ? 'absent' : bare(own.body as Item), lists };
}

function bare(item: Item): unknown {
  const metadata = Object.entries(item.metadata).filter(([key]) => !SERVERS.has(key));
  return { ...item, metadata: Object.fromEntries(metadata), status: undefined };
}
