import { devNull } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Flags } from '@oclif/core';
import { CrewisoError, EXIT } from '../model/error.ts';
import { BaseCommand } from './shared/base-command.ts';

/** When the example was "taken": its times are moved, so that an hour ago stays an hour ago. */
const TAKEN_AT = Date.parse('2026-11-20T10:00:00Z');
/** Commands that read a cluster. */
const READING = ['doctor', 'access'];
/** Flags that say where to look. */
const FOREIGN =
  /^(-[fs].*|--(filename|from|kubeconfig|context|cluster|user|server|token|certificate-authority|client-certificate|client-key|tls-server-name|insecure-skip-tls-verify|as|as-group|as-uid|as-user-extra)(=.*)?)$/s;
const BROKEN = fileURLToPath(new URL('../../examples/broken/', import.meta.url));

export default class Demo extends BaseCommand<typeof Demo> {
  static override summary = 'Try any command that reads on an embedded, broken CrewAI platform: no cluster needed.';

  static override description = `Starts a small Kubernetes API on loopback with a platform on which isolation was switched on late and six organizations are in trouble, and runs a command against it as against any cluster (doctor, if none is named). Nothing outside of this process is touched.

Takes every flag of the command that does not choose a cluster or files.`;

  static override examples = [
    '<%= config.bin %> demo',
    '<%= config.bin %> demo --org 4 -o json',
    '<%= config.bin %> demo access',
    '<%= config.bin %> demo access why crewai/crewai-sa create deployments.apps -n crewai-org-4',
    { description: 'Keep serving, to look around with kubectl', command: '<%= config.bin %> demo --serve' },
  ];

  static override usage = '<%= command.id %> [--serve | [COMMAND] FLAGS OF THE COMMAND]';
  /** Words behind it are the command's. */
  static override strict = false;
  static override flags = {
    serve: Flags.boolean({ description: 'only serve the platform, until interrupted' }),
  };

  private command = 'doctor';
  /** The words for the command, which parses them itself. */
  private words: readonly string[] = [];

  override async init(): Promise<void> {
    const own = this.argv.filter((word) => word === '--serve');
    this.takeCommand(this.argv.filter((word) => word !== '--serve' && word !== '--'));
    this.argv = own;
    await super.init();
    const foreign = this.words.find((word) => FOREIGN.test(word));
    if (foreign !== undefined) {
      throw usage(
        `${foreign} contradicts demo, which brings its own cluster`,
        `kubectl crewiso ${this.command.replaceAll(':', ' ')} judges yours`,
      );
    }
    if (this.flags.serve && this.words.length > 0) throw usage(`--serve and ${this.words.join(' ')} contradict`);
  }

  /** The longest command that the words begin with; they may begin with flags of doctor. */
  private takeCommand(words: readonly string[]): void {
    const [first = '', second = ''] = words;
    const known = READING.includes(first) ? [`${first}:${second}`, first] : [];
    const found = known.find((id) => this.config.commandIDs.includes(id));
    if (found !== undefined) this.command = found;
    this.words = words.slice(found === undefined ? 0 : found.split(':').length);
  }

  async run(): Promise<void> {
    const { createApiServer } = await import('../apiserver/server.ts');
    const { readManifests } = await import('../manifests/read.ts');
    const { shiftTimes } = await import('./shared/shift-times.ts');
    const read = await readManifests([BROKEN]);
    const sinceTaken = Date.now() - TAKEN_AT;
    const server = createApiServer({
      objects: read.objects.map(({ object }) => shiftTimes(object, sinceTaken)),
      anonymous: { user: 'demo', groups: ['system:masters', 'system:authenticated'] },
    });
    const url = await server.listen();
    try {
      if (this.flags.serve) await this.serve(url);
      else await this.config.runCommand(this.command, [...this.words, '--server', url, '--kubeconfig', devNull]);
    } finally {
      await server.close();
    }
  }

  private async serve(url: string): Promise<void> {
    const signal = this.interruptible();
    process.stdout.write(
      [
        `The broken platform is served at ${url}. In another terminal:`,
        '',
        `  kubectl --server ${url} get deployments -A`,
        `  kubectl crewiso doctor --server ${url}`,
        '',
        'Ctrl-C ends it.',
        '',
      ].join('\n'),
    );
    await new Promise<void>((resolve) => {
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
    });
    process.exitCode = EXIT.interrupted;
  }
}

const usage = (message: string, ...suggestions: string[]): CrewisoError =>
  new CrewisoError(message, { code: 'usage', exitCode: EXIT.usage, suggestions });
