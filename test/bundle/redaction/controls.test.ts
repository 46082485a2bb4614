import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isRecord, stringAt } from '../../../src/kubernetes/json-value.ts';
import { RECORDINGS } from '../../apiserver/recorded-cluster.ts';
import { crewaiPlatform } from '../../fixtures/crewai.ts';
import { fluxPlatform } from '../../fixtures/flux.ts';
import { ENVIRONMENT, TEXTS } from './controls.ts';
import { fluxObject, newRedactor, podWith, redactLog, redactObject } from './redacting.ts';

describe('what must stay', () => {
  it('keeps at least 99 % of more than 2,000 controls', () => {
    const lost: string[] = [];
    for (const [name, value] of ENVIRONMENT) {
      const object = podWith({ env: [{ name, value }] });
      if (JSON.stringify(redactObject(object).value) !== JSON.stringify(object)) lost.push(`${name}=${value}`);
    }
    for (const text of TEXTS) if (redactLog(`${text}\n`) !== `${text}\n`) lost.push(text);
    const controls = ENVIRONMENT.length + TEXTS.length;
    expect(controls).toBeGreaterThanOrEqual(2_000);
    expect(lost.length / controls, lost.slice(0, 20).join('\n')).toBeLessThanOrEqual(0.01);
  });

  it('keeps every object of a platform but its Secrets', () => {
    const objects = crewaiPlatform({ orgs: [1, 2, 3] }).filter(({ kind }) => kind !== 'Secret');
    for (const object of objects) expect(redactObject(object).value, object.kind ?? '').toEqual(object);
  });

  it('keeps of Flux what checks read, in every kind and with every field that refers to something', () => {
    const from = { kind: 'GitRepository', name: 'apps', namespace: 'backend' };
    const impersonating = {
      serviceAccountName: 'reconciler',
      suspend: true,
      targetNamespace: 'backend',
      kubeConfig: { secretRef: { name: 'other-cluster', key: 'value.yaml' } },
    };
    const object = (kind: string, spec: object): object => ({ ...fluxObject('Kustomization', spec), kind });
    const objects = [
      ...fluxPlatform().filter(({ kind }) => kind !== 'Secret'),
      fluxObject('Kustomization', {
        ...impersonating,
        sourceRef: from,
        patches: [{ target: { kind: 'Deployment' } }],
        postBuild: { substituteFrom: [{ kind: 'Secret', name: 'cluster-secrets' }] },
        decryption: { provider: 'sops', secretRef: { name: 'sops-age' } },
      }),
      fluxObject('HelmRelease', {
        ...impersonating,
        storageNamespace: 'backend',
        chart: { spec: { chart: 'valkey', sourceRef: from } },
        chartRef: from,
        valuesFrom: [
          { kind: 'Secret', name: 'db', valuesKey: 'values.yaml', targetPath: 'db.password', literal: true },
        ],
        values: { replicas: 3, tls: { enabled: true } },
      }),
      object('Receiver', { resources: [from], secretRef: { name: 'hook' }, suspend: true }),
      object('Alert', { eventSources: [from], providerRef: { name: 'chat' } }),
      object('ImagePolicy', { imageRepositoryRef: from }),
      object('ImageUpdateAutomation', {
        sourceRef: from,
        git: { commit: { signingKey: { secretRef: { name: 'gpg' } } } },
      }),
    ];
    for (const given of objects) expect(redactObject(given).value).toEqual(given);
  });

  it('keeps every environment variable that a check reads', () => {
    const names = new Set(
      ['checks', 'platforms', 'kubernetes'].flatMap((folder) => {
        const path = new URL(`../../../src/${folder}/`, import.meta.url);
        return readdirSync(path).flatMap(
          (file) => readFileSync(new URL(file, path), 'utf8').match(/(?<=')[A-Z][A-Z\d]*(?:_[A-Z\d]+)+(?=')/g) ?? [],
        );
      }),
    );
    expect(names).toContain('K8S_NAMESPACE');
    for (const name of names) {
      const object = podWith({ env: [{ name, value: 'a value 123456789' }] });
      expect(redactObject(object).value, name).toEqual(object);
    }
  });

  it.each([
    'Failed to watch *v1.Secret: failed to list *v1.Secret: secrets is forbidden: User "system:serviceaccount:crewai:crewai-sa" cannot list resource "secrets" in API group "" at the cluster scope',
    'failed to list *v1.Secret: Get "https://10.43.0.1:443/api/v1/secrets?limit=500": dial tcp 10.43.0.1:443: i/o timeout',
    '      --kubeconfig string            The path to the kubeconfig used to connect to the Kubernetes API server',
    '      --kubelet-client-key string                 Path to a client key file for TLS.',
    'postgres://***HIDDEN***:***HIDDEN***@db:5432/app and postgres://app:***HIDDEN***@db and app:***HIDDEN***@tcp(db:3306)/app',
    'password=***HIDDEN*** token: ***TOKEN_GENERIC_12AB3C*** K3S_TOKEN=********',
  ])('keeps %s', (line) => {
    expect(redactLog(`${line}\n`)).toBe(`${line}\n`);
  });

  it('takes the last line for what it is, not for what is like it', () => {
    for (const line of [
      '--password string1 and more',
      'v1.Secret: hunter22x9',
      'https://u:***x@host',
      'password=**a**bcdef',
    ])
      expect(redactLog(`${line}\n`)).toContain('<redacted:');
  });

  it('keeps names of known objects under names of secrets, and words that everybody uses', () => {
    const redactor = newRedactor();
    redactor.learnObject({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'crewai-shared' } });
    redactor.learnSecret({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'platform-tls', namespace: 'crewai' },
      ...{
        data: Object.fromEntries(
          ['crewai-shared', 'postgresql', '1234567890', 'db.crewai.svc', '/var/lib/data'].map((value, index) => [
            `k${index}`,
            Buffer.from(value).toString('base64'),
          ]),
        ),
      },
    });
    expect(redactor.known()).toEqual({ values: 0, exempt: 5, capped: false });
    const line = 'crewai-shared uses postgresql at db.crewai.svc, /var/lib/data, 1234567890\n';
    expect(redactLog(line, redactor)).toBe(line);
    const object = { apiVersion: 'example.org/v1', kind: 'Widget', spec: { tlsSecret: 'platform-tls' } };
    expect(redactObject(object, redactor).value).toEqual(object);
  });

  it('keeps every refusal that a real API server wrote', () => {
    const messages = RECORDINGS.flatMap(({ response: { status, body } }) => {
      const message = stringAt(body, 'message');
      return status >= 400 && message !== undefined ? [message] : [];
    });
    expect(messages.length).toBeGreaterThan(20);
    for (const message of messages) {
      expect(redactLog(`${message}\n`)).toBe(`${message}\n`);
      const event = { apiVersion: 'v1', kind: 'Event', metadata: { name: 'e' }, message };
      expect(redactObject(event).value).toEqual(event);
    }
  });

  it('keeps what a real API server answered, but for the data of Secrets', () => {
    const bodies = RECORDINGS.map(({ response }) => response.body).filter(
      (body) => isRecord(body) && body.kind !== 'Secret',
    );
    expect(bodies.length).toBeGreaterThan(60);
    for (const body of bodies) expect(redactObject(body).value).toEqual(body);
  });
});
