import { formsOf, SHAPES } from '../support/secret-scanner.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import type { ApiClient } from './api-client.ts';
import { createEvent, setLog } from './harness.ts';
import { collectionPath, createObjects } from './platform.ts';

const NAMESPACE = 'crewai-org-90';

/** Stands in a Secret, and so may stand nowhere else: not even where no name and no shape gives it away. */
const inSecret = (place: string): string => `zq7"${place}/p+w=&\\5Tq8zLw2`;
/** Stands in no Secret: only the name of the place, or what is around it, says what it is. */
const unnamed = (place: string): string => `Zq7x${place.replaceAll('-', '')}Kp5Tq8zLw2Rb9`;

const KNOWN = ['annotation', 'message', 'log', 'log-base64', 'log-url', 'log-json', 'variable', 'argument', 'label'];
const NAMED = ['env', 'last-applied', 'config-value', 'config-file', 'arg', 'event-url', 'log-bearer', 'log-pair'];
const PULL = inSecret('pull');

/** Every one of them stands somewhere in the cluster that `plantCanaries` has been to. */
export const CANARIES: readonly string[] = [...KNOWN.map(inSecret), ...NAMED.map(unnamed), PULL];

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const auth = JSON.stringify({ auths: { 'registry.example.com': { auth: base64(`pull:${PULL}`) } } });

const OBJECTS: readonly RawObject[] = [
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'planted', namespace: NAMESPACE },
    type: 'Opaque',
    data: Object.fromEntries(KNOWN.map((place) => [place, base64(inSecret(place))])),
  },
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'planted-pull', namespace: NAMESPACE },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': base64(auth) },
  },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'planted', namespace: NAMESPACE, annotations: { note: `was ${inSecret('annotation')} once` } },
    data: {
      DB_PASSWORD: unnamed('config-value'),
      'app.yaml': `db:\n  password: ${unnamed('config-file')}\n`,
      '.env': SHAPES.join('\n'),
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'planted',
      namespace: NAMESPACE,
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({
          kind: 'Secret',
          stringData: { password: unnamed('last-applied') },
        }),
        'example.com/packed': base64(`{"greeting":${JSON.stringify(inSecret('label'))}}`),
        ...Object.fromEntries(SHAPES.map((text, index) => [`example.com/note-${String(index)}`, text])),
      },
    },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'planted' } },
      template: {
        metadata: { labels: { app: 'planted' } },
        spec: {
          containers: [
            {
              name: 'main',
              image: 'registry.example.com/planted:1',
              env: [
                { name: 'OPENAI_API_KEY', value: unnamed('env') },
                { name: 'GREETING', value: inSecret('variable') },
                ...SHAPES.map((value, index) => ({ name: `NOTE_${String(index)}`, value })),
              ],
              args: [`--api-key=${unnamed('arg')}`, '--greeting', inSecret('argument')],
            },
          ],
        },
      },
    },
  },
];

const LOG: readonly string[] = [
  `greeting ${inSecret('log')}`,
  `packed ${base64(`x${inSecret('log-base64')}y`)}`,
  `GET /?q=${encodeURIComponent(inSecret('log-url'))} 200`,
  JSON.stringify({ level: 'info', greeting: inSecret('log-json') }),
  `Authorization: Bearer ${unnamed('log-bearer')}`,
  `connect host=db password=${unnamed('log-pair')} failed`,
  `cannot pull with ${PULL}`,
  ...SHAPES.flatMap((text) => text.split('\n')),
];

/** Puts secrets where people leave them: in objects, events and logs of an organization. */
export async function plantCanaries(client: ApiClient): Promise<{ readonly planted: string }> {
  await createObjects(client, OBJECTS);
  const about = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: NAMESPACE, name: 'planted' };
  for (const message of [
    `Failed to pull image "https://user:${unnamed('event-url')}@registry.example.com/planted:1"`,
    `Greeted with ${inSecret('message')}`,
    ...SHAPES,
  ])
    await createEvent(client, about, { reason: 'Planted', message });
  const pods = (await client.demand('GET', `/api/v1/namespaces/${NAMESPACE}/pods`)) as PodList;
  const [pod] = pods.items;
  const [container] = pod?.spec.containers ?? [];
  if (!pod || !container) throw new Error(`there is no pod in ${NAMESPACE} that could have a log`);
  setLog({ namespace: NAMESPACE, pod: pod.metadata.name, container: container.name }, LOG);
  const lists = ['ConfigMap', 'Event', 'Secret'].map((kind) =>
    collectionPath({ apiVersion: 'v1', kind, metadata: { name: '', namespace: NAMESPACE } }),
  );
  const answers = await Promise.all(
    [...lists, `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`].map((path) => client.demand('GET', path)),
  );
  return { planted: [...answers.map((answer) => JSON.stringify(answer)), ...LOG].join('\n') };
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly containers: readonly { readonly name: string }[] };
  }[];
}

/** Those of the canaries that a text gives away, in whatever form. */
export function canariesIn(text: string): readonly string[] {
  return CANARIES.filter((canary) => formsOf(canary).some((form) => text.includes(form)));
}
