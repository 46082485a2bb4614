import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { securityPolicyOf } from '../../src/kubernetes/pod-security-labels.ts';
import { securityViolations, violationsText } from '../../src/kubernetes/pod-security.ts';
import { namespaceObject, type RawObject } from '../fixtures/crewai.ts';
import { createRandom } from '../support/random.ts';
import type { ApiClient } from './api-client.ts';
import { waitFor } from './control-plane.ts';
import { adminClient, describeCluster } from './harness.ts';
import { createObjects, removeObjects } from './platform.ts';
import { generatePod, type GeneratedPod } from './pod-security-pods.ts';

// Our Pod Security Standards against the API server's admission, pod by pod. CREWISO_ORACLE_SEED repeats a run.
const SEED = Number(process.env.CREWISO_ORACLE_SEED ?? randomInt(2 ** 31));
const PODS = 1500;
/** Fewer would mean that the generator makes pods that are refused for other reasons. */
const LEAST = 1000;

/**
 * Each with the number of controls that a pod can break. From 1.35 on the baseline asks for the default procMount where a
 * pod has no users of its own alone, and there the API server takes no other.
 */
const STANDARDS: readonly (readonly [level: string, version: string, controls: number])[] = [
  ['baseline', 'latest', 11],
  ['restricted', 'latest', 15],
  ['baseline', 'v1.18', 11],
  ['restricted', 'v1.24', 14],
  ['restricted', 'v1.30', 14],
  ['restricted', 'v1.34', 15],
];

const nameOf = (level: string, version: string): string => `security-${level}-${version.replace('.', '-')}`;
const NAMESPACES: readonly RawObject[] = STANDARDS.map(([level, version]) => {
  const { apiVersion, kind, metadata } = namespaceObject(nameOf(level, version), {
    'pod-security.kubernetes.io/enforce': level,
    'pod-security.kubernetes.io/enforce-version': version,
  });
  return { apiVersion, kind, metadata: { name: metadata.name, labels: metadata.labels } } as RawObject;
});

/** The API server's verdict: what it says of the violations, nothing, or that it would not have the pod anyway. */
type Verdict = { readonly text: string } | { readonly invalid: string };

async function verdictOf(client: ApiClient, namespace: string, pod: GeneratedPod): Promise<Verdict> {
  const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
  const { status, body } = await client.send('POST', path, pod);
  if (status === 201) return { text: '' };
  const { message = '' } = body as { message?: string };
  const [, text] = / is forbidden: violates PodSecurity "[^"]+": (.*)$/s.exec(message) ?? [];
  return status === 403 && text !== undefined ? { text } : { invalid: message };
}

describeCluster('Pod Security agrees with the API server', () => {
  const client = adminClient();
  beforeAll(async () => {
    await createObjects(client, NAMESPACES);
    for (const { metadata } of NAMESPACES) {
      const account = `/api/v1/namespaces/${metadata.name}/serviceaccounts/default`;
      await waitFor('its account', async () => (await client.send('GET', account)).status === 200);
    }
  });
  afterAll(async () => {
    await removeObjects(client, NAMESPACES);
    client.close();
  });

  test.each(STANDARDS)(`%s:%s, ${PODS} pods (seed ${SEED})`, async (level, version, count) => {
    const namespace = nameOf(level, version);
    const { enforce } = securityPolicyOf(NAMESPACES.find(({ metadata }) => metadata.name === namespace)!);
    const random = createRandom(SEED);
    const pods = Array.from({ length: PODS }, (_, index) => generatePod(random, index));
    const verdicts = await Promise.all(pods.map((pod) => verdictOf(client, namespace, pod)));
    const judged = pods.flatMap((pod, index) => {
      const verdict = verdicts[index]!;
      if ('invalid' in verdict) return [];
      return [{ pod, server: verdict.text, ours: violationsText(securityViolations(pod, enforce!)) }];
    });
    const different = judged.filter(({ server, ours }) => server !== ours);
    expect(different.slice(0, 3)).toEqual([]);
    const invalid = verdicts.flatMap((verdict) => ('invalid' in verdict ? [verdict.invalid] : []));
    expect(judged.length, invalid.slice(0, 5).join('\n')).toBeGreaterThanOrEqual(LEAST);
    // Both answers are common, or the agreement would prove little.
    const allowed = judged.filter(({ server }) => server === '').length;
    expect(Math.min(allowed, judged.length - allowed)).toBeGreaterThan(PODS / 20);
    // And every control has had its say.
    const controls = new Set(
      judged.flatMap(({ pod }) => securityViolations(pod, enforce!).map(({ control }) => control)),
    );
    expect(controls.size).toBe(count);
  });
});
