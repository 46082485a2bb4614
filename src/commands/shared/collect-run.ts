import type { KeyObject } from 'node:crypto';
import { basename } from 'node:path';
import { collectToFile, type Collected, type FileInput } from '../../bundle/collect-file.ts';
import type { CollectScope } from '../../bundle/collect-scope.ts';
import { ENCRYPTED, plainName } from '../../bundle/encrypted-file.ts';
import { requireRecipients, type Readers } from '../../bundle/encrypted-output.ts';
import { FORMAT, type BundleHead } from '../../bundle/format.ts';
import { partialName, requireAbsent } from '../../bundle/partial-file.ts';
import { slug } from '../../bundle/paths.ts';
import { collectSplit, type Split } from '../../bundle/collect-split.ts';
import { collectPods, planOf } from '../../bundle/survey.ts';
import { Redactor } from '../../bundle/redaction/redactor.ts';
import { readKey, writeSignature } from '../../bundle/signature.ts';
import { verifyBundle } from '../../bundle/verify.ts';
import { readResume } from '../../bundle/resume-state.ts';
import { createClusterReader } from '../../cluster/cluster-reader.ts';
import { readSnapshot, type SnapshotReading } from '../../cluster/snapshot-reader.ts';
import { parseYaml } from '../../manifests/yaml.ts';
import type { Platform, Settings } from '../../model/platform.ts';
import { parseDuration } from './arguments.ts';
import { collectScope, headPlatforms, planForScope } from './bundle-scope.ts';
import { fingerprintKey, readPassphrase, usage } from './collect-arguments.ts';
import { collectOptions, type CollectFlags } from './collect-options.ts';
import type { Config } from './config-file.ts';
import { afterGrace, GRACE_MS, untilStopped } from './grace.ts';
import { namedBy, withCluster, type OpenCluster } from './open-cluster.ts';
import type { Planned } from './planned-text.ts';
import { secretTools } from './reading.ts';
import { requireSame } from './resume-check.ts';
import { idOf, partsOf, topOf } from './split-parts.ts';
import type { TenantChoice } from './tenant-globs.ts';

export interface CollectRun {
  readonly flags: CollectFlags;
  readonly settings: Settings;
  readonly globs?: TenantChoice;
  readonly config: Config;
  readonly version: string;
  readonly signal: AbortSignal;
}

/**
 * Collects a bundle of the cluster that the flags name, or several, each of one organization.
 * @throws CrewisoError (2) for flags that contradict, (4) where nothing can be read or written
 */
export async function collectBundle(run: CollectRun): Promise<Split> {
  const { flags } = run;
  const signer = flags.sign === undefined ? undefined : await readKey(flags.sign, 'private');
  const collected = await withInput(run, async (input) =>
    flags['split-by-org']
      ? collectSplit(input, partsOf(input))
      : { archives: [await collectToFile(input)], absent: [] },
  );
  if (signer) for (const one of collected.archives) await signFile(one, signer);
  return collected;
}

/** What `collectBundle` would do. Pods are listed, since their logs are in the plan; nothing else is read or written. */
export async function planBundle(run: CollectRun): Promise<Planned> {
  if (run.flags.resume !== undefined)
    throw usage('--dry-run and --resume contradict', 'what was begun has its plan in it: bundle inspect');
  return withInput(run, async (input) => {
    const files = run.flags['split-by-org'] ? partsOf(input).map(({ file }) => file) : [input.file];
    for (const file of files) await requireAbsent(file);
    const { pods, facts } = await collectPods(input);
    const { status, detail } = pods.listed.outcome(input.scope.namespaces[0]?.name);
    const unlisted = status === 'ok' ? undefined : (detail ?? status);
    return { files, scope: input.scope, plan: planOf(input, facts), ...(unlisted !== undefined && { unlisted }) };
  });
}

const STOPPING = `interrupted: what is under way may take ${String(GRACE_MS / 1000)} s more; once again ends at once\n`;

type WholeInput = FileInput & { readonly redaction: Redactor };

/** Finds out what to collect, while the cluster is open. */
async function withInput<T>(run: CollectRun, use: (input: WholeInput) => Promise<T>): Promise<T> {
  const { flags } = run;
  const options = collectOptions(flags);
  const readers = await readersOf(flags);
  const resumed = flags.resume === undefined ? undefined : await readResume(flags.resume);
  const key = resumed?.key ?? fingerprintKey(flags['fingerprint-key']);
  const limits = { stallMs: parseDuration(flags.stall, 'stall') };
  return withCluster(run, limits, async (cluster) => {
    const { signal, transport, progress } = cluster;
    const { scope, head } = await discover(run, cluster, key);
    if (resumed) requireSame(resumed.plan, head, options);
    const file = fileOf(flags, cluster, head.createdAt);
    const late = afterGrace(signal, () => {
      progress.end();
      if (!flags.quiet) process.stderr.write(STOPPING);
    });
    return use({
      reader: untilStopped(createClusterReader(transport, late), signal),
      redaction: new Redactor({ key }),
      scope,
      tools: secretTools(parseYaml, key),
      head,
      options,
      signal,
      file,
      top: resumed?.top ?? topOf(file),
      key,
      strict: flags.strict,
      ...(resumed && { resumed }),
      ...(readers && { readers }),
      onItem: ({ id }, done, total) => {
        progress.update({ resource: id, items: 0, done, total });
      },
    });
  });
}

/** What the bundle is about. Of what was read for it nothing else stays in memory. */
async function discover(
  run: CollectRun,
  cluster: OpenCluster,
  key: Buffer,
): Promise<{ readonly scope: CollectScope; readonly head: BundleHead }> {
  const { settings, access, transport, signal } = cluster;
  const flags = { 'all-namespaces': run.flags['all-namespaces'] };
  const secrets = !run.flags['no-secret-reads'] && !run.flags['dry-run'];
  const found = planForScope({ settings, flags, secrets }, namedBy(access));
  const read = await readSnapshot(transport, found.plan, {
    signal,
    now: Date.now(),
    tools: secretTools(parseYaml, key),
  });
  const { scope, platforms } = collectScope(read.snapshot, settings, found.scope(), run.globs);
  return { scope, head: { ...headOf(run, cluster, read, platforms), fingerprints: idOf(key) } };
}

/** Signed is what is inside of the encryption, under the name that it has once it is decrypted. */
async function signFile({ file, manifest, tarDigest, plain }: Collected, key: KeyObject): Promise<void> {
  const { sha256, size } = plain ?? (await verifyBundle(file));
  const name = plain ? plainName(file) : file;
  await writeSignature(name, { file: basename(name), size, sha256, tarDigest, createdAt: manifest.createdAt }, key);
}

const isEncrypted = (flags: CollectFlags): boolean =>
  flags.recipient !== undefined || flags['passphrase-file'] !== undefined;

/** @throws CrewisoError (2) for what is no recipient or no passphrase, and flags that contradict */
async function readersOf(flags: CollectFlags): Promise<Readers | undefined> {
  const { recipient: recipients, 'passphrase-file': passphraseFile, resume, 'output-file': file } = flags;
  if (!isEncrypted(flags)) return undefined;
  const flag = recipients ? '--recipient' : '--passphrase-file';
  if (recipients && passphraseFile !== undefined)
    throw usage('--recipient and --passphrase-file contradict', 'age does not mix them: leave one out');
  if (resume !== undefined)
    throw usage(`${flag} and --resume contradict`, 'an encrypted bundle is collected in one go: leave one out');
  if (file !== undefined && !file.endsWith(ENCRYPTED))
    throw usage(`-O ${file} is no name of an encrypted bundle`, `-O ${file}${ENCRYPTED}`);
  if (passphraseFile !== undefined) return { passphrase: readPassphrase(passphraseFile) };
  await requireRecipients(recipients ?? []);
  return { recipients: recipients ?? [] };
}

function headOf(
  { version }: CollectRun,
  { access }: OpenCluster,
  { snapshot, identity }: SnapshotReading,
  platforms: readonly Platform[],
): BundleHead {
  const { origin } = snapshot;
  const epoch = Number(process.env.SOURCE_DATE_EPOCH);
  const seconds = Number.isSafeInteger(epoch) && epoch > 0 ? epoch : Math.floor(snapshot.now / 1000);
  const { clusterUid, kubernetes } = origin.from === 'cluster' ? origin : {};
  return {
    format: FORMAT,
    tool: { name: 'kubectl-crewiso', version },
    createdAt: new Date(seconds * 1000).toISOString(),
    cluster: {
      ...(clusterUid !== undefined && { id: clusterUid }),
      server: access.server,
      ...(access.context !== undefined && { context: access.context }),
      ...(kubernetes !== undefined && { kubernetes }),
    },
    ...(identity && { collector: { user: identity.user, groups: identity.groups } }),
    ...headPlatforms(platforms),
  };
}

function fileOf(flags: CollectFlags, { access }: OpenCluster, createdAt: string): string {
  if (flags.resume !== undefined) {
    const suffix = partialName('');
    if (!flags.resume.endsWith(suffix))
      throw usage(`--resume ${flags.resume} is no unfinished bundle`, `name the file that ends in ${suffix}`);
    return flags.resume.slice(0, -suffix.length);
  }
  if (flags['output-file'] !== undefined) return flags['output-file'];
  const ending = isEncrypted(flags) ? ENCRYPTED : '';
  const time = createdAt.replaceAll(/[-:]|\.\d+/g, '');
  return `crewiso-${slug(access.context ?? 'cluster')}-${time}.tar.gz${ending}`;
}
