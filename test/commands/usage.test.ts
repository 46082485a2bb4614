import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'vitest';
import { crewiso, EXECUTABLE, ROOT, run, withFolder } from './program.ts';

const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { version: string };

describe.concurrent('help', () => {
  it.for([
    [['--help'], ['USAGE', 'COMMANDS', 'doctor', 'explain', 'demo']],
    [['-h'], ['USAGE', 'COMMANDS']],
    [[], ['USAGE', 'COMMANDS']],
    [['help'], ['USAGE', 'COMMANDS']],
    [
      ['doctor', '--help'],
      ['kubectl crewiso doctor', '--fail-on', '--kubeconfig', 'Exit codes'],
    ],
    [['doctor', '-h'], ['kubectl crewiso doctor']],
    [
      ['help', 'doctor'],
      ['kubectl crewiso doctor', '--fail-on'],
    ],
    [
      ['explain', '--help'],
      ['kubectl crewiso explain', '--schema'],
    ],
    [['explain', '-h'], ['kubectl crewiso explain']],
    [
      ['demo', '--help'],
      ['kubectl crewiso demo', '--serve'],
    ],
    [['demo', '-h'], ['kubectl crewiso demo']],
    [
      ['access', '--help'],
      ['kubectl crewiso access', '--account', 'access why', 'access who', 'Exit codes'],
    ],
    [
      ['access', 'why', '--help'],
      ['kubectl crewiso access why SUBJECT VERB RESOURCE', '--group', 'Exit codes'],
    ],
    [
      ['access', 'who', '-h'],
      ['kubectl crewiso access who VERB RESOURCE', '--outside-tenant', 'Exit codes'],
    ],
    [
      ['help', 'access', 'why'],
      ['kubectl crewiso access why', 'SUBJECT'],
    ],
    [
      ['rbac', '--help'],
      ['kubectl crewiso rbac', '--for', '--subject', '--scope', 'Exit codes'],
    ],
    [['rbac', '-h'], ['kubectl crewiso rbac']],
    [
      ['bundle', '--help'],
      ['bundle collect', 'bundle inspect', 'bundle verify', 'bundle redact', 'bundle diff'],
    ],
    ...(['collect', 'inspect', 'verify', 'redact', 'diff'] as const).map(
      (command) =>
        [
          ['bundle', command, '--help'],
          [`kubectl crewiso bundle ${command}`, 'Exit codes'],
        ] as const,
    ),
  ] as const)('%j', async ([argv, parts], { expect }) => {
    const { code, stdout, stderr } = await crewiso(argv);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const part of ['kubectl crewiso', ...parts]) expect(stdout).toContain(part);
    // However it was called, help shows what to type: never the name of the file.
    expect(stdout.replace(/kubectl-crewiso\/\S+/, '')).not.toContain('kubectl-crewiso');
  });
});

it('--version', async ({ expect }) => {
  const { code, stdout, stderr } = await crewiso(['--version']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(`kubectl-crewiso/${version} ${process.platform}-${process.arch} node-${process.versions.node}\n`);
});

describe.concurrent('wrong usage is exit 2, says what to type, and writes nothing to stdout', () => {
  it.for([
    [['doctor', '--no-such-flag'], 'unknown flag --no-such-flag', 'kubectl crewiso doctor --help'],
    [['doctor', '--outptu', 'json'], 'unknown flag --outptu', 'did you mean --output'],
    [['explain', '--no-such-flag'], 'unknown flag --no-such-flag', 'kubectl crewiso explain --help'],
    [['demo', '--no-such-flag'], 'unknown flag --no-such-flag', 'kubectl crewiso demo --help'],
    [['doctr'], 'there is no command doctr', 'kubectl crewiso doctor'],
    [['help', 'doctr'], 'there is no command doctr', 'kubectl crewiso doctor'],
    [['nosuch', '--help'], 'nosuch', ''],
    [['zzzzzz'], 'there is no command zzzzzz', 'kubectl crewiso --help'],
    [['--context', 'prod', 'doctor', '-A'], '--context stands before', 'kubectl crewiso doctor --context prod -A'],
    [['-n', 'foo'], '-n stands before', 'kubectl crewiso COMMAND -n foo'],
    [['doctor', 'extra'], 'doctor takes no argument extra', 'kubectl crewiso doctor --help'],
    [['doctor', '-A', 'extra'], 'extra', 'kubectl crewiso doctor --help'],
    [['explain', 'a', 'b'], 'b', 'kubectl crewiso explain --help'],
    [['doctor', '-o', 'xml'], 'table, short, json', 'kubectl crewiso doctor --help'],
    [['doctor', '-v', 'loud'], '--verbosity', 'kubectl crewiso doctor --help'],
    [['doctor', '--timeout', 'soon'], '--timeout soon is not a duration', '--timeout 30s'],
    [['doctor', '--check', 'rbac-acces-missing'], '--check rbac-acces-missing', 'rbac-access-missing'],
    [['doctor', '--org', 'four'], 'four is not an organization id', ''],
    [['doctor', '-n', 'x', '--org', '4'], '--namespace contradicts --org', ''],
    [['doctor', '--out', 'pdf=x'], '--out pdf=x', 'json=report.json'],
    [['doctor', '-R'], 'belong to -f', '-f FILE'],
    [['doctor', '-f', 'examples/clean', '--context', 'x'], '--context', 'leave out'],
    [['doctor', '-f', 'examples/clean', '--request-timeout', '1s'], '--request-timeout', 'leave out'],
    [['demo', '--context', 'x'], '--context contradicts demo', 'kubectl crewiso doctor'],
    [['demo', '--serve', '-o', 'json'], '--serve and -o json', ''],
    [['demo', 'access', '--context', 'x'], '--context contradicts demo', 'kubectl crewiso access'],
    [['demo', 'nosuch'], 'nosuch', 'kubectl crewiso demo --help'],
    [['access', '--no-such-flag'], 'unknown flag --no-such-flag', 'kubectl crewiso access --help'],
    [['access', 'whi', 'x'], 'access has no command whi', 'kubectl crewiso access why'],
    [['acces'], 'there is no command acces', 'kubectl crewiso access?'],
    [['access', '-n', 'x', 'why', 'a/b', 'get', 'pods'], 'why stands behind a flag', 'access why a/b get pods -n x'],
    [['access', '--account', 'crewai'], '--account crewai is not NAMESPACE:NAME', '--account crewai:crewai-sa'],
    [['access', '--profile', 'all'], 'core, full', 'kubectl crewiso access --help'],
    [['access', '-o', 'short'], 'table, json, yaml', 'kubectl crewiso access --help'],
    [['access', '-A', '--org', '4'], '--all-namespaces contradicts', ''],
    [['access', '-f', 'examples/clean', '--context', 'x'], '--context', 'leave out'],
    [['access', 'why'], 'SUBJECT, VERB and RESOURCE are missing', 'kubectl crewiso access why'],
    [['access', 'why', 'a/b', 'get'], 'missing', 'kubectl crewiso access why'],
    [['access', 'why', 'a/b', 'get', 'pods', 'x', 'y'], 'y', 'kubectl crewiso access why --help'],
    [['access', 'why', '--no-such-flag'], 'unknown flag --no-such-flag', 'kubectl crewiso access why --help'],
    [['access', 'why', 'a/b', 'get', 'deploymnets'], 'no resource deploymnets', 'deployments'],
    [['access', 'why', 'create', 'pods', 'a/b'], 'SUBJECT comes first', 'kubectl crewiso access why'],
    [['access', 'why', 'a/b', 'pods', 'get'], 'the verb comes first', 'kubectl crewiso access why'],
    [['access', 'who'], 'missing', 'kubectl crewiso access who'],
    [['access', 'who', 'gett', 'pods'], 'gett is no verb', 'did you mean get?'],
    [['access', 'who', 'get', 'pods', '-n', 'a', '-A'], '--all-namespaces contradicts', ''],
    [['rbac', '--no-such-flag'], 'unknown flag --no-such-flag', 'kubectl crewiso rbac --help'],
    [['rbac', 'extra'], 'rbac takes no argument extra', 'kubectl crewiso rbac --help'],
    [['rbac', '--for', 'docter'], '--for docter', 'did you mean doctor?'],
    [['rbac', '--for', 'doctor,rbac-access-mising'], '--for rbac-access-mising', 'rbac-access-missing'],
    [['rbac', '--subject', 'anna'], '--subject anna', 'User:anna, Group:oncall or NAMESPACE/SERVICEACCOUNT'],
    [['rbac', '--subject', 'user:anna'], '--subject user:anna', 'User:anna'],
    [['rbac', '--subject', 'a/b/c'], '--subject a/b/c', 'NAMESPACE/SERVICEACCOUNT'],
    [['rbac', '-o', 'table'], 'yaml, json', 'kubectl crewiso rbac --help'],
    [['rbac', '--context', 'prod'], '--context', '--scope namespaced'],
    [['rbac', '--scope', 'cluster', '--org', '4'], '--org', 'leave out --org'],
    [['rbac', '-n', 'x', '--org', '4'], '--namespace contradicts --org', ''],
    [['rbac', '--org', 'four'], 'four is not an organization id', ''],
    [['explain', 'nosuch-check'], 'nosuch-check', 'explain'],
    [['explain', 'rbac-access-mising'], 'rbac-access-mising', 'rbac-access-missing'],
    [['explain', '--schema', 'report', 'rbac-access-missing'], '--schema', ''],
  ] as const)('%j', async ([argv, message, advice], { expect }) => {
    const { code, stdout, stderr } = await crewiso(argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const [first = '', ...rest] = stderr.split('\n');
    expect(first).toMatch(/^error: \S/);
    expect(first).toContain(message);
    expect(rest.join('\n')).toContain(advice);
    expect(stderr).not.toMatch(/ at .*\.js|›|See more help/);
    expect(stderr.endsWith('\n')).toBe(true);
  });
});

it('an installation without its files is exit 70, not "findings"', async ({ expect }) => {
  await withFolder(async (folder) => {
    mkdirSync(`${folder}/bin`);
    copyFileSync(EXECUTABLE, `${folder}/bin/kubectl-crewiso`);
    writeFileSync(`${folder}/package.json`, '{"type": "module"}');
    const { code, stdout, stderr } = await run(process.execPath, [`${folder}/bin/kubectl-crewiso`, 'doctor']);
    expect({ code, stdout }).toEqual({ code: 70, stdout: '' });
    expect(stderr).toMatch(/^error: this installation of kubectl-crewiso is incomplete: [^\n]+\n$/);
  });
});
