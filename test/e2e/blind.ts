import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import { CHECKS } from '../../src/checks/index.ts';
import { RESOURCES, UNLISTED } from '../../src/model/resource.ts';
import { CREWAI_READS } from '../../src/platforms/crewai.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { accessFor, cluster } from './harness.ts';

const OF_CREWAI = CHECKS.filter(({ platforms, origins }) => platforms.includes('crewai') && origins === undefined);

/** What doctor asks for, by its name in the API: `secrets` stands for everything that is derived from Secrets. */
export const KINDS = [
  ...new Set(
    [...CREWAI_READS, ...OF_CREWAI.flatMap(({ reads }) => reads)]
      // LimitRanges are looked for where a quota counts amounts, and here none does.
      .filter((resource) => !UNLISTED.has(resource) && resource !== 'limitranges')
      .map((resource) => RESOURCES[resource].plural),
  ),
].sort();

/** How a list can be lost on its way. */
export const WAYS = ['drop', 'cut', 'hang'] as const;
type Way = (typeof WAYS)[number];

/** Hands requests on to the API server as the administrator, but for lists of one kind, which it drops, cuts or never answers. */
export function startProxy(plural: string, way: Way): Promise<Server> {
  const { admin } = cluster();
  const { host } = new URL(admin.server);
  // Credentials do not travel over plain HTTP, so the proxy brings its own.
  const { token } = accessFor('admin', ['system:masters']);
  const agent = new Agent({ ca: admin.ca, keepAlive: true });
  const list = new RegExp(`/${plural}(\\?|$)`);
  const server = createServer((incoming: IncomingMessage, answer: ServerResponse) => {
    const hit = list.test(incoming.url ?? '');
    if (hit && way === 'hang') return;
    if (hit && way === 'drop') {
      incoming.socket.destroy();
      return;
    }
    const outgoing = request(
      new URL(incoming.url ?? '/', admin.server),
      { agent, method: incoming.method, headers: { ...incoming.headers, host, authorization: `Bearer ${token}` } },
      (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        if (!hit) {
          response.pipe(answer);
          return;
        }
        // The headers promise a whole body; the connection ends within it.
        response.once('data', (chunk: Buffer) => {
          answer.write(chunk.subarray(0, Math.floor(chunk.length / 2)));
          setImmediate(() => incoming.socket.destroy());
        });
      },
    );
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  });
  server.on('close', () => {
    agent.destroy();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(server);
    });
  });
}

/** May list everything that doctor reads but one kind, and ask about others. */
export function blindUser(plural: string): readonly RawObject[] {
  const name = `blind-${plural}`;
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1' };
  const rules = [
    { apiGroups: ['*'], resources: KINDS.filter((other) => other !== plural), verbs: ['get', 'list'] },
    { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
  ];
  return [
    { ...rbac, kind: 'ClusterRole', metadata: { name }, rules },
    {
      ...rbac,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }],
    },
  ];
}
