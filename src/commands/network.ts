import { BaseCommand } from './shared/base-command.ts';
import { answerFlags, platformFlags, scopeFlags } from './shared/flags.ts';
import { settingsOf } from './shared/settings.ts';
import { clusterFlags, offlineFlags, runFlags } from './shared/source-flags.ts';

export default class Network extends BaseCommand<typeof Network> {
  static override summary = 'Show whose pods may reach whose by NetworkPolicies, across tenants.';

  static override description = `A matrix of namespaces: rows send, columns receive. Namespaces that reach, and are reached by, the same others alike share a row and a column; below stand the tenants that reach another one, with the ports.

Both ends must allow a connection: egress of the one and ingress of the other. What cannot be known is shown as not known: pods whose addresses were not seen against blocks of addresses, namespaces whose labels were not seen, policies that could not be listed. Policies of other kinds (Cilium, Calico, Antrea, AdminNetworkPolicy) are not read: where the cluster serves them, the answer is not complete. Whether anything enforces policies cannot be seen.

Never writes.

Exit codes: 0 all could be judged, 2 wrong usage, 3 something could not be seen or no platform was recognised, 4 cluster or files unreadable, 130 interrupted.`;

  static override examples = [
    '<%= config.bin %> network',
    { description: 'From files that hold all there is', command: '<%= config.bin %> network -f dump/ --complete=all' },
    {
      description: 'From a bundle, every pair of tenants',
      command: '<%= config.bin %> network --from b.tar.gz -o json',
    },
  ];

  static override flags = {
    ...offlineFlags,
    ...scopeFlags,
    ...platformFlags,
    ...answerFlags,
    ...runFlags,
    ...clusterFlags,
  };

  async run(): Promise<void> {
    const startedAt = Date.now();
    const { flags } = this;
    const { readNetwork } = await import('./shared/network-run.ts');
    const { accessRun, writeAnswer } = await import('./shared/access-run.ts');
    const { detectAll } = await import('./shared/detect.ts');
    const { networkMatrix } = await import('../audit/network-matrix.ts');
    const { networkDocument } = await import('../audit/access-document.ts');
    const reading = await readNetwork({
      flags,
      settings: settingsOf(flags),
      version: this.config.version,
      signal: () => this.interruptible(),
    });
    const found = detectAll(reading.snapshot, reading.settings, 'network');
    const platforms = 'platforms' in found ? found.platforms : [];
    const { matrix, gaps } = networkMatrix({ snapshot: reading.snapshot, platforms });
    const run = accessRun({ reading, platform: platforms[0], version: this.config.version, startedAt }, [
      ...('none' in found ? found.gaps : []),
      ...gaps,
    ]);
    await writeAnswer(networkDocument(run, matrix), flags);
  }
}
