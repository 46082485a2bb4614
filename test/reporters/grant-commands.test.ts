import { describe, expect, it } from 'vitest';
import type { AccessRule } from '../../src/model/access.ts';
import { grantCommands } from '../../src/reporters/grant-commands.ts';

const list = (resource: string, group = '', namespace?: string): AccessRule => ({
  verb: 'list',
  group,
  resource,
  ...(namespace === undefined ? {} : { namespace }),
});
const anna = { username: 'anna', groups: [] };

describe('grantCommands', () => {
  it.each<[string, readonly AccessRule[], readonly string[]]>([
    ['nothing', [], []],
    [
      'the cluster scope, each resource once and sorted',
      [list('secrets'), list('deployments', 'apps'), list('secrets')],
      [
        'kubectl create clusterrole crewiso-reader --verb=get,list --resource=deployments.apps,secrets',
        'kubectl create clusterrolebinding crewiso-reader --clusterrole=crewiso-reader --user=anna',
      ],
    ],
    [
      'one namespace',
      [list('pods/log', '', 'a'), list('deployments/scale', 'apps', 'a')],
      [
        'kubectl create role crewiso-reader --verb=get,list --resource=deployments.apps/scale,pods/log -n a',
        'kubectl create rolebinding crewiso-reader --role=crewiso-reader --user=anna -n a',
      ],
    ],
    [
      'several namespaces',
      [list('secrets', '', 'a-10'), list('secrets', '', 'a-9')],
      [
        'for ns in a-9 a-10; do kubectl create role crewiso-reader --verb=get,list --resource=secrets -n "$ns"; kubectl create rolebinding crewiso-reader --role=crewiso-reader --user=anna -n "$ns"; done',
      ],
    ],
    [
      'not in a namespace what is given everywhere',
      [list('secrets'), list('secrets', '', 'a')],
      [
        'kubectl create clusterrole crewiso-reader --verb=get,list --resource=secrets',
        'kubectl create clusterrolebinding crewiso-reader --clusterrole=crewiso-reader --user=anna',
      ],
    ],
    [
      'reviews in a role of their own',
      [{ verb: 'create', group: 'authorization.k8s.io', resource: 'subjectaccessreviews' }],
      [
        'kubectl create clusterrole crewiso-reviewer --verb=create --resource=subjectaccessreviews.authorization.k8s.io',
        'kubectl create clusterrolebinding crewiso-reviewer --clusterrole=crewiso-reviewer --user=anna',
      ],
    ],
    [
      'the cluster scope instead of many namespaces',
      Array.from({ length: 21 }, (_, index) => list('secrets', '', `a-${String(index)}`)),
      [
        'kubectl create clusterrole crewiso-reader --verb=get,list --resource=secrets',
        'kubectl create clusterrolebinding crewiso-reader --clusterrole=crewiso-reader --user=anna',
      ],
    ],
  ])('gives %s', (_, grants, commands) => {
    expect(grantCommands(grants, anna)).toEqual(commands);
  });

  it.each([
    ['system:serviceaccount:ns:robot', '--serviceaccount=ns:robot'],
    ['system:node:x', '--user=system:node:x'],
    ["o'neil; reboot", "--user='o'\\''neil; reboot'"],
  ])('binds %s as %s', (username, flag) => {
    expect(grantCommands([list('pods')], { username, groups: [] })[1]).toMatch(new RegExp(`${escape(flag)}$`));
  });

  it('asks kubectl for the name where nobody knows it', () => {
    expect(grantCommands([list('pods')], undefined)[1]).toContain('kubectl auth whoami');
  });
});

const escape = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
