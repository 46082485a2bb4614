import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/checks/index.ts';
import { explainDenial, type Explanation } from '../../src/kubernetes/denial-advice.ts';
import { denialsOf } from '../../src/kubernetes/denial-log.ts';
import { parseDenials } from '../../src/kubernetes/forbidden.ts';
import { RECORDINGS } from '../apiserver/recorded-cluster.ts';
import { CORPUS } from './denial-corpus.ts';

function explain(text: string, namespace?: string): Explanation {
  const { denials } = denialsOf(text);
  expect(denials).toHaveLength(1);
  return explainDenial(denials[0]!, namespace);
}

const said = ({ headline, what, who = '', where, steps, watch }: Explanation): string =>
  [headline, ...what, who, where, ...steps, ...watch].join('\n');

describe('explainDenial', () => {
  it.each(CORPUS.map((row) => [row.title, row] as const))('explains %s', (_title, row) => {
    const explanation = explain(row.text, 'here');
    const commands = explanation.steps.filter((step) => !step.startsWith('#'));
    expect({ class: explanation.class, rbac: explanation.rbac, see: explanation.see }).toEqual({
      class: row.class,
      rbac: row.rbac,
      see: row.see,
    });
    expect(commands.filter((step) => !step.endsWith('get serviceaccounts'))).toEqual(row.commands);
    for (const part of row.says ?? []) expect(said(explanation)).toContain(part);
    expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation);
  });

  it('has an example of every class', () => {
    const classes = new Set(CORPUS.map((row) => row.class));
    expect([...classes].sort()).toEqual(
      [
        'account-missing admission-other admission-policy cloud-iam crd-terminating escalation impersonation limit-range',
        'owner-reference pod-security protected quota quota-unset rbac registry secret-reference terminating',
        'unauthenticated webhook webhook-down',
      ]
        .join(' ')
        .split(' '),
    );
  });

  it('refers to checks that there are', () => {
    const ids = new Set(CHECKS.map(({ id }) => id));
    expect(CORPUS.flatMap(({ see }) => see).filter((id) => !ids.has(id))).toEqual([]);
  });

  it('never offers a binding for what is not RBAC', () => {
    for (const { text, rbac } of CORPUS) {
      if (rbac) continue;
      const { steps, grant } = explain(text, 'here');
      expect(steps.filter((step) => /create (?:cluster)?role/.test(step))).toEqual([]);
      expect(grant).toBeUndefined();
    }
  });

  it('never guesses a namespace: without one, commands are advice', () => {
    for (const { text } of CORPUS)
      expect(explain(text).steps.filter((step) => !step.startsWith('#') && step.includes('NAMESPACE'))).toEqual([]);
    expect(explain(CORPUS.find((row) => row.class === 'quota')!.text)).toMatchObject({
      where: expect.stringContaining('add -n NAMESPACE') as string,
      steps: expect.arrayContaining(['# kubectl -n NAMESPACE describe resourcequota org-quota']) as string[],
    });
  });

  it('keeps what a message names over what the user says', () => {
    expect(explain(CORPUS[0]!.text, 'here').where).toBe('namespace crewai-org-4');
    const cluster = 'pods is forbidden: User "u" cannot list resource "pods" in API group "" at the cluster scope';
    expect(explain(cluster, 'here')).toMatchObject({
      where: 'the cluster scope',
      grant: { role: { kind: 'ClusterRole' } },
    });
  });

  it('allows all names that were refused, and says so where there are too many', () => {
    const message = (name: string): string =>
      `secrets "${name}" is forbidden: User "u" cannot get resource "secrets" in API group "" in the namespace "a"`;
    expect(explain(['x', 'y z'].map(message).join('\n')).steps[1]).toBe(
      `kubectl -n a create role u-get-secrets-x --verb=get --resource=secrets --resource-name=x --resource-name='y z'`,
    );
    const many = explain(['1', '2', '3', '4', '5', '6'].map(message).join('\n'));
    expect(many.steps[0]).toContain('more names');
    expect(many.steps[1]).toBe('kubectl -n a create role u-get-secrets --verb=get --resource=secrets');
  });

  it('grants a create without its name, which the server never has', () => {
    const text =
      'configmaps "x" is forbidden: User "u" cannot create resource "configmaps" in API group "" in the namespace "a"';
    expect(explain(text).grant?.role.rules).toEqual([
      { verbs: ['create'], apiGroups: [''], resources: ['configmaps'] },
    ]);
    const exec =
      'pods "p" is forbidden: User "u" cannot create resource "pods/exec" in API group "" in the namespace "a"';
    expect(explain(exec).grant?.role.rules).toEqual([
      { verbs: ['create'], apiGroups: [''], resources: ['pods/exec'], resourceNames: ['p'] },
    ]);
  });

  it('makes every word harmless for a shell, and no word a flag', () => {
    const evil = `pods "p" is forbidden: exceeded quota: $(reboot), requested: pods=1, used: pods=1, limited: pods=1`;
    expect(explain(evil, 'a b').steps[0]).toBe(`kubectl -n 'a b' describe resourcequota '$(reboot)'`);
    const flag = `pods "p" is forbidden: exceeded quota: --all, requested: pods=1, used: pods=1, limited: pods=1`;
    expect(explain(flag, 'a').steps[0]).toBe('# kubectl -n a describe resourcequota --all');
    const user = `pods is forbidden: User "x'; reboot #" cannot list resource "pods" in API group "" in the namespace "a"`;
    expect(explain(user).steps[2]).toContain(String.raw`--user='x'\''; reboot #'`);
  });
});

describe('the recorded answers of an API server', () => {
  const expected: Readonly<Record<string, readonly string[]>> = {
    '029': ['rbac get secrets "docker-registry"'],
    '030': ['rbac list pods'],
    '031': ['rbac list pods'],
    '032': ['rbac create deployments.apps'],
    '033': ['rbac get pods/log "p"'],
    '034': ['rbac create namespaces'],
    '035': ['rbac get /metrics'],
    '036': ['impersonation list as somebody else (serviceaccount): list namespaces'],
    '038': ['unauthenticated a request whose token or certificate the API server does not accept'],
    '040': ['rbac list pods'],
    '044': ['rbac create rolebindings.rbac.authorization.k8s.io'],
    '045': ['escalation write rolebindings.rbac.authorization.k8s.io "up"'],
    '078': [],
    '079': ['terminating configmaps "late"'],
  };
  it.each(Object.entries(expected))('%s', (number, words) => {
    const recording = RECORDINGS.find(({ name }) => name.startsWith(number));
    const { denials } = denialsOf(JSON.stringify(recording?.response.body));
    expect(denials.map((denial) => `${denial.denial.class} ${explainDenial(denial).what[0] ?? ''}`)).toEqual(words);
  });

  // Of the same series, answered by admission plugins that the in-process server does not have.
  it.each([
    [
      '075',
      'pods "p" is forbidden: failed quota: org-quota: must specify limits.memory for: c; requests.cpu for: c',
      ['limits.memory is not set in container c', 'requests.cpu is not set in container c'],
    ],
    [
      '076',
      'pods "p" is forbidden: exceeded quota: org-quota, requested: limits.memory=2Gi,requests.cpu=2, used: limits.memory=0,requests.cpu=0, limited: limits.memory=1Gi,requests.cpu=1',
      ['limits.memory: requested 2Gi, used 0, limited 1Gi', '"limits.memory":"2Gi","requests.cpu":"2"'],
    ],
    [
      '077',
      'pods "p" is forbidden: violates PodSecurity "restricted:latest": privileged (container "c" must not set securityContext.privileged=true), allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
      ['seccompProfile: pod or container "c" must set securityContext.seccompProfile.type'],
    ],
    [
      '085',
      '(combined from similar events): Error creating: pods "crew-3-web-84db955f44-hmngh" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false), runAsNonRoot != true (pod or container "web" must set se',
      ['level restricted:latest', 'runAsNonRoot != true'],
    ],
  ])('%s', (_number, text, parts) => {
    for (const part of parts) expect(said(explain(text))).toContain(part);
  });

  it.each(['083', '084'])('%s tells of a quota, again and again', (number) => {
    const recording = RECORDINGS.find(({ name }) => name.startsWith(number));
    const { denials, total } = denialsOf(JSON.stringify(recording?.response.body));
    expect(denials.map(({ denial }) => denial.class)).toEqual(['quota-unset']);
    expect(total).toBeGreaterThanOrEqual(1);
  });
});

it('a message that was cut out is found again in itself', () => {
  for (const { text } of CORPUS) {
    const [denial] = parseDenials(text);
    const [again] = parseDenials(denial!.message);
    const oneBlank = (value: unknown): unknown => JSON.parse(JSON.stringify(value).replaceAll(/ +/g, ' '));
    expect(oneBlank({ ...again, truncated: undefined })).toEqual(oneBlank({ ...denial, truncated: undefined }));
  }
});
