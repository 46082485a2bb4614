import { describe, expect, it } from 'vitest';
import type { AccessRule } from '../../src/model/access.ts';
import type { Report } from '../../src/model/report.ts';
import { grantAdvice } from '../../src/reporters/grant-advice.ts';
import { SAMPLES } from './sample-reports.ts';

const list = (resource: string, group = '', namespace?: string): AccessRule => ({
  verb: 'list',
  group,
  resource,
  ...(namespace === undefined ? {} : { namespace }),
});
const REVIEWS = { verb: 'create', group: 'authorization.k8s.io', resource: 'subjectaccessreviews' };
const ROLES = list('clusterroles', 'rbac.authorization.k8s.io');

/** A report whose checks ran into these refusals, of organizations 1 to 41. */
function report(grants: readonly AccessRule[], username: string | undefined, checks = 2, platform = true): Report {
  const { target, coverage } = SAMPLES.clean;
  const [template] = SAMPLES.clean.checks;
  return {
    ...SAMPLES.clean,
    checks: Array.from({ length: checks }, (_, index) => ({
      ...template!,
      id: `check-${String(index + 1)}`,
      outcome: 'not-evaluated' as const,
      gaps: grants.map((_, at) => at),
    })),
    target: {
      origin: target.origin,
      tenants: target.tenants,
      platforms: platform ? target.platforms : [],
      ...(username === undefined ? {} : { identity: { username, groups: [], impersonated: false } }),
    },
    coverage: {
      ...coverage,
      gaps: grants.map((grant) => ({ resource: grant.resource, reason: 'forbidden' as const, detail: 'no', grant })),
    },
  };
}

describe('grantAdvice', () => {
  it.each<[string, readonly AccessRule[], readonly string[]]>([
    ['nothing', [], []],
    [
      'one role: kubectl alone',
      [list('secrets')],
      [
        'kubectl create clusterrole crewiso-reader --verb=get,list --resource=secrets',
        'kubectl create clusterrolebinding crewiso-reader --clusterrole=crewiso-reader --user=bo',
      ],
    ],
    [
      'reading and asking: one command',
      [list('secrets'), REVIEWS],
      ['kubectl crewiso rbac --for check-1,check-2 --subject User:bo | kubectl apply -f -'],
    ],
    [
      'organizations: their namespaces only',
      [list('secrets', '', 'crewai-org-7'), list('pods', '', 'crewai-org-12'), ROLES, list('deployments', 'apps')],
      ['kubectl crewiso rbac --for check-1,check-2 --org 7,12 --subject User:bo | kubectl apply -f -'],
    ],
  ])('advises for %s', (_, grants, commands) => {
    expect(grantAdvice(report(grants, 'bo'))).toEqual(commands);
  });

  it.each<[string, readonly AccessRule[]]>([
    ['the platform alone', [list('secrets', '', 'crewai'), ROLES]],
    [
      'more organizations than anybody would name',
      Array.from({ length: 21 }, (_, n) => list('pods', '', `crewai-org-${String(n + 1)}`)),
    ],
    ['a listing that roles in namespaces do not open', [list('secrets', '', 'crewai-org-7'), list('pods')]],
  ])('gives no more than is missing: %s', (_, grants) => {
    expect(grantAdvice(report(grants, 'bo')).join('\n')).not.toContain('crewiso rbac');
  });

  it('where no platform was recognised, what doctor needs next as well', () => {
    expect(grantAdvice(report([list('deployments', 'apps')], 'bo', 2, false))).toEqual([
      'kubectl crewiso rbac --for doctor --subject User:bo | kubectl apply -f -',
    ]);
  });

  it.each([
    ['bo', 'User:bo'],
    ["o'neil; reboot", String.raw`'User:o'\''neil; reboot'`],
    ['system:serviceaccount:ns:robot', 'ns/robot'],
    [undefined, `"User:$(kubectl auth whoami -o jsonpath='{.status.userInfo.username}')"`],
  ])('names %s as %s, and doctor for many checks', (username, words) => {
    expect(grantAdvice(report([list('secrets'), REVIEWS], username, 4))).toEqual([
      `kubectl crewiso rbac --for doctor --subject ${words} | kubectl apply -f -`,
    ]);
  });
});
