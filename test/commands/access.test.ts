import { readFileSync } from 'node:fs';
import { describe, it } from 'vitest';
import type { AccessDocument } from '../../src/model/access-document.ts';
import { brokenPlatform } from '../fixtures/broken.ts';
import { crewiso, inShell, ROOT, withServer, type Ended } from './program.ts';

const documentOf = (ended: Ended): AccessDocument => JSON.parse(ended.stdout) as AccessDocument;

/** What two origins must agree on: the answer, not who gave it. */
function answerOf(document: AccessDocument): unknown {
  switch (document.view) {
    case 'matrix':
      return [document.matrix.rows, document.matrix.excess, document.matrix.left];
    case 'why': {
      const { answer, rbac, grant, near, elsewhere, looked, fix } = document.why;
      return { answer, rbac, grant, near, elsewhere, looked, fix };
    }
    case 'who':
      return document.who.holders;
    case 'network':
      return document.network;
  }
}

describe.concurrent('the same answer from a cluster and from files', () => {
  it.for<[string[], number]>([
    [['access'], 1],
    [['access', '--profile', 'core', '--org', '1'], 0],
    [['access', '-n', 'crewai-org-7'], 1],
    [['access', '--account', 'crewai:default', '--org', '1'], 1],
    [['access', 'why', 'crewai/crewai-sa', 'create', 'deployments.apps', '-n', 'crewai-org-4'], 1],
    [['access', 'why', '-n', 'crewai-org-7', 'crewai/crewai-sa', 'create', 'deploy'], 1],
    [['access', 'why', 'crewai/crewai-sa', 'get', 'secret', 'docker-registry', '--namespace=crewai-org-1'], 0],
    [['access', 'why', 'User:anna', '--group', 'system:serviceaccounts', 'list', 'nodes'], 1],
    [['access', 'who', 'get', 'secrets'], 0],
    [['access', 'who', 'get', 'secrets', '--outside-tenant', '-A'], 0],
    [['access', 'who', 'get', '/metrics'], 0],
  ])('%j: exit %i', async ([argv, expected], { expect }) => {
    const live = await withServer({ objects: brokenPlatform() }, (_, flags) =>
      crewiso([...argv, ...flags, '-o', 'json']),
    );
    const files = await crewiso([...argv, '-f', 'examples/broken', '--complete=all', '-o', 'json']);
    expect([live.stderr, files.stderr, live.code, files.code]).toEqual(['', '', expected, expected]);
    const [ofCluster, ofFiles] = [documentOf(live), documentOf(files)];
    expect([ofCluster.exit.code, ofFiles.exit.code]).toEqual([expected, expected]);
    expect(answerOf(ofFiles)).toEqual(answerOf(ofCluster));
  });
});

const WHY = ['access', 'why', 'crewai/crewai-sa', 'create', 'deploy', '-n', 'crewai-org-1'];

describe.concurrent('on a cluster', () => {
  it('reads RBAC once for everybody, and nothing that runs', async ({ expect }) => {
    const paths = await withServer({ objects: brokenPlatform() }, async (server, flags) => {
      await crewiso(['access', ...flags]);
      return server.requests.map(({ path }) => path.replace(/\?.*/, ''));
    });
    expect(paths.filter((path) => /pods|events|jobs|crewai-org-/.test(path))).toEqual([]);
    expect(paths.filter((path) => path.includes('rolebindings'))).toHaveLength(2);
  });

  it('the server’s answer decides where it knows more than RBAC', async ({ expect }) => {
    const allowed = { allowed: true, reason: 'webhook says so' };
    const objects = brokenPlatform();
    const ended = await withServer(
      {
        objects,
        faults: ({ path }) =>
          path.includes('subjectaccessreviews')
            ? {
                status: 201,
                body: { kind: 'SubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', status: allowed },
              }
            : undefined,
      },
      (_, flags) => crewiso(['access', 'why', 'crewai/crewai-sa', 'get', 'nodes', ...flags, '-o', 'json']),
    );
    expect(ended.code).toBe(0);
    expect(documentOf(ended)).toMatchObject({
      why: { answer: 'allowed', rbac: 'denied', server: { answer: 'allowed', reason: 'webhook says so' } },
    });
    expect(ended.stdout).toContain('another authorizer allows it');
  });

  it('who may read nothing gets no guess, and the rights that are missing', async ({ expect }) => {
    const anonymous = { user: 'nobody', groups: ['system:authenticated'] };
    const ended = await withServer({ objects: brokenPlatform(), anonymous }, (_, flags) => crewiso([...WHY, ...flags]));
    expect(ended.code).toBe(3);
    expect(ended.stdout).toMatch(/^UNKNOWN/);
    expect(ended.stdout).toContain('kubectl create clusterrole crewiso-reader');
  });

  it('cannot be reached: exit 4', async ({ expect }) => {
    for (const argv of [['access'], WHY, ['access', 'who', 'get', 'secrets']]) {
      const { code, stdout } = await crewiso([...argv, '--kubeconfig', '/nonexistent']);
      expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    }
  });
});

describe.concurrent('from files', () => {
  it.for([
    ['crewai-org-1', 0, 'ALLOWED'],
    ['crewai-org-4', 3, 'UNKNOWN'],
  ] as const)(
    'that may leave things out presence counts and absence does not: %s',
    async ([org, ...expected], { expect }) => {
      const ended = await crewiso([...WHY.slice(0, -1), org, '-f', 'examples/broken']);
      expect([ended.code, ended.stdout.slice(0, 7)]).toEqual(expected);
    },
  );

  it('without a platform the matrix is exit 3, and the others answer', async ({ expect }) => {
    const codes = await Promise.all(
      [['access'], WHY, ['access', 'who', 'get', 'secrets']].map(async (argv) => {
        const ended = await crewiso([...argv, '-f', '-', '--complete=all'], {
          input: '{apiVersion: v1, kind: Namespace, metadata: {name: crewai-org-1}}',
        });
        return ended.code;
      }),
    );
    expect(codes).toEqual([3, 1, 0]);
  });

  it('that are piped in, although no NAME is given', async ({ expect }) => {
    const codes = await Promise.all(
      [WHY, ['access', 'who', 'get', 'secrets']].map(async (argv) => {
        const ended = await inShell('"$@" < examples/broken/platform.yaml', [...argv, '-f', '-', '--complete=all']);
        return [ended.code, ended.stderr];
      }),
    );
    expect(codes).toEqual([
      [0, ''],
      [0, ''],
    ]);
  });

  it('that cannot be read: exit 4', async ({ expect }) => {
    const { code, stdout } = await crewiso([...WHY, '-f', 'no-such-folder']);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
  });

  it('as YAML', async ({ expect }) => {
    const { code, stdout } = await crewiso([...WHY, '-f', 'examples/broken', '-o', 'yaml']);
    expect([code, stdout.split('\n').slice(0, 2)]).toEqual([0, ['apiVersion: crewiso/v1', 'kind: Access']]);
  });

  it('a reader that goes away: the exit code stays, nobody complains', async ({ expect }) => {
    const line = '"$@" | head -1; echo "code ${PIPESTATUS[0]}" >&2';
    const ended = await inShell(line, ['access', '-f', 'examples/broken', '--complete=all', '-o', 'json']);
    expect([ended.stdout, ended.stderr]).toEqual(['{\n', 'code 1\n']);
  });
});

describe.concurrent('demo', () => {
  it.for<[string[], number, RegExp]>([
    [['access'], 1, /^ACCOUNT {3}crewai\/crewai-sa/],
    [['access', 'why', 'crewai/crewai-sa', 'create', 'deployments.apps', '-n', 'crewai-org-4'], 1, /^DENIED .*agrees/],
    [['access', 'who', 'get', 'secrets'], 0, /^WHO MAY/],
    [['doctor', '-o', 'short'], 1, /^NOT HEALTHY/],
  ])('%j', async ([argv, expected, start], { expect }) => {
    const { code, stdout, stderr } = await crewiso(['demo', ...argv]);
    expect([code, stderr]).toEqual([expected, '']);
    expect(stdout).toMatch(start);
  });
});

it('explain --schema access', async ({ expect }) => {
  const { stdout } = await crewiso(['explain', '--schema', 'access']);
  expect(stdout).toBe(readFileSync(`${ROOT}schemas/access.schema.json`, 'utf8'));
});
