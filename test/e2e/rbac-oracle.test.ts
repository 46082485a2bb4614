import { randomInt } from 'node:crypto';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { aggregate } from '../../src/kubernetes/rbac-aggregation.ts';
import type { Binding, ClusterRole, Role } from '../../src/model/kinds.ts';
import { createAuthorizer, describeGrant, type Authorizer, type RbacObjects } from '../../src/kubernetes/rbac.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { adminClient, cluster, describeCluster } from './harness.ts';
import { createMultiplexedClient } from './multiplexed-client.ts';
import { createObjects, objectPath, removeObjects } from './platform.ts';
import { generateRequests, type AskedRequest } from './rbac-requests.ts';
import { createRandom } from '../support/random.ts';
import { generateQuestions, generateScenario, type Asked, type Scenario } from './rbac-scenario.ts';
import { RbacServer, type Review } from './rbac-server.ts';
import { shrinkObjects } from './shrink.ts';

// Our RBAC against the API server's, question by question. CREWISO_ORACLE_SEED repeats a run.
const SEED = Number(process.env.CREWISO_ORACLE_SEED ?? randomInt(2 ** 31));
const ROUNDS = 4;
const QUESTIONS = 25_000;
const REQUESTS = 2500;

type Build = (objects: RbacObjects) => Authorizer;

/** Something to ask both about; the answer of the server, and what ours is where it differs. */
interface Probe {
  readonly asked: Asked | AskedRequest;
  readonly ask: (server: RbacServer) => Promise<Review>;
  readonly differs: (authorizer: Authorizer, answer: Review) => object | undefined;
}

const reviewProbe = (asked: Asked): Probe => ({
  asked,
  ask: (server) => server.review(asked),
  differs: (authorizer, answer) => differingReview(authorizer, asked, answer),
});

const requestProbe = (asked: AskedRequest): Probe => ({
  asked,
  ask: (server) => server.passes(asked),
  differs(authorizer, answer) {
    const denied = asked.questions.find((question) => !authorizer.allows(asked.identity, question));
    return (denied === undefined) === answer.allowed
      ? undefined
      : { allowed: denied === undefined, ...(denied && { denied }) };
  },
});

describeCluster('RBAC agrees with the API server', () => {
  const client = adminClient(24);
  const many = createMultiplexedClient(cluster().admin);
  let created: readonly RawObject[] = [];
  afterEach(() => removeObjects(client, created));
  afterAll(() => {
    client.close();
    many.close();
  });

  /** The server with a scenario in it. */
  async function serve(scenario: Scenario): Promise<RbacServer> {
    created = scenario.objects;
    await createObjects(client, scenario.objects.filter(isNamespace));
    const server = new RbacServer(client, many, scenario);
    await server.hold(rolesOf(scenario));
    return server;
  }

  /** The first that both answer differently, and how often the server said yes or named a missing role. */
  async function compare(server: RbacServer, probes: readonly Probe[], build: Build): Promise<Comparison> {
    const authorizer = build(await server.readRbac());
    const answers = await Promise.all(probes.map((probe) => probe.ask(server)));
    const different = probes.filter((probe, index) => probe.differs(authorizer, answers[index]!) !== undefined);
    return {
      different,
      allowed: answers.filter(({ allowed }) => allowed).length / answers.length,
      dangling: answers.filter(({ reason }) => reason.includes('not found')).length,
    };
  }

  /** The least objects with which a probe is answered differently, and both answers. */
  async function minimal(server: RbacServer, scenario: Scenario, probe: Probe, build: Build): Promise<Minimal> {
    const difference = async (): Promise<Pick<Minimal, 'server' | 'ours'> | undefined> => {
      const answer = await probe.ask(server);
      const ours = probe.differs(build(await server.readRbac()), answer);
      return ours && { server: answer, ours };
    };
    const fails = async (objects: readonly RawObject[]): Promise<boolean> => {
      await server.hold(objects);
      return (await difference()) !== undefined;
    };
    const all = rolesOf(scenario);
    const plain = withoutAggregation(all);
    const objects = await shrinkObjects((await fails(plain)) ? plain : all, fails);
    await server.hold(objects);
    return { objects, asked: probe.asked, ...((await difference()) ?? { server: undefined, ours: undefined }) };
  }

  async function expectAgreement(
    server: RbacServer,
    scenario: Scenario,
    probes: readonly Probe[],
  ): Promise<Comparison> {
    const compared = await compare(server, probes, createAuthorizer);
    const [first] = compared.different;
    if (first) {
      const least = await minimal(server, scenario, first, createAuthorizer);
      const text = JSON.stringify(least, undefined, 1);
      expect.fail(
        `${compared.different.length} answers differ (seed ${SEED}), for one with no more than this:\n${text}\n`,
      );
    }
    return compared;
  }

  /** Whoever may delete a namespace asks for it with a dry run: if that were lost, later answers would be others. */
  async function changedNamespaces({ objects }: Scenario): Promise<string[]> {
    const answers = await Promise.all(
      objects.filter(isNamespace).map((object) => client.demand('GET', objectPath(object))),
    );
    return answers
      .map((answer) => answer as { metadata: { name: string }; status: { phase: string } })
      .filter(({ status }) => status.phase !== 'Active')
      .map(({ metadata }) => metadata.name);
  }

  const tagOf = (round: number | string): string => `oracle-${(SEED % 1_000_000).toString(36)}-${round}`;

  test.each(Array.from({ length: ROUNDS }, (_, index) => index + 1))(
    `round %i of ${ROUNDS}: ${QUESTIONS} questions, ${REQUESTS} requests (seed ${SEED})`,
    async (round) => {
      const random = createRandom(SEED + round);
      const scenario = generateScenario(random, tagOf(round));
      const server = await serve(scenario);
      const questions = generateQuestions(random, scenario, QUESTIONS).map(reviewProbe);
      const reviews = await expectAgreement(server, scenario, questions);
      const asked = generateRequests(random, scenario, REQUESTS);
      const requests = await expectAgreement(server, scenario, asked.map(requestProbe));
      expect(await changedNamespaces(scenario)).toEqual([]);
      expect(new Set(asked.flatMap(kindsOf))).toEqual(new Set(KINDS_OF_REQUEST));
      // Questions that all have one answer would agree without proving anything.
      for (const { allowed } of [reviews, requests]) {
        expect(allowed).toBeGreaterThan(0.15);
        expect(allowed).toBeLessThan(0.85);
      }
      expect(reviews.dangling).toBeGreaterThan(0);
    },
    600_000,
  );

  describe('a difference is told with the least that shows it', () => {
    test.each<[string, Build, (objects: readonly RawObject[]) => boolean]>([
      [
        'names do not limit a rule',
        (objects) => createAuthorizer(withRules(objects, (rule) => ({ ...rule, resourceNames: null }))),
        ([role]) => (role as unknown as Role).rules?.[0]?.resourceNames?.length === 1,
      ],
      [
        'verbs are read without case',
        (objects) =>
          createAuthorizer(
            withRules(objects, (rule) => ({ ...rule, verbs: rule.verbs.map((verb) => verb.toLowerCase()) })),
          ),
        ([role]) => /[A-Z]/.test((role as unknown as Role).rules?.[0]?.verbs.join() ?? ''),
      ],
    ])('were it that %s', async (title, broken, shows) => {
      const random = createRandom(SEED);
      const scenario = generateScenario(random, tagOf(title.slice(0, 3).trim()));
      const server = await serve(scenario);
      const probes = generateQuestions(random, scenario, 3000).map(reviewProbe);
      const { different } = await compare(server, probes, broken);
      const least = await minimal(server, scenario, different[0]!, broken);
      const objects = least.objects.toSorted((a, b) => a.kind!.length - b.kind!.length);
      expect(objects.map(({ kind }) => kind!.replace('Cluster', ''))).toEqual(['Role', 'RoleBinding']);
      const [role, binding] = objects as unknown as [Role, Binding];
      expect(role.rules).toHaveLength(1);
      expect(binding.subjects).toHaveLength(1);
      expect(shows(objects), JSON.stringify(objects)).toBe(true);
      // It is the broken one's difference, and none of ours.
      expect(least.ours).toBeDefined();
      expect((await compare(server, [different[0]!], createAuthorizer)).different).toEqual([]);
    });
  });
});

interface Comparison {
  readonly different: readonly Probe[];
  readonly allowed: number;
  readonly dangling: number;
}

interface Minimal {
  readonly objects: readonly RawObject[];
  readonly asked: Asked | AskedRequest;
  readonly server: Review | undefined;
  readonly ours: object | undefined;
}

const KINDS_OF_REQUEST = [
  ...['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'],
  ...['path', 'subresource', 'selected name', 'name', 'apply', 'put of a missing object'],
];

function kindsOf({ questions, contentType, method }: AskedRequest): string[] {
  const [question, creates] = questions;
  if (!question || 'path' in question) return ['path'];
  const collection = question.verb === 'list' || question.verb === 'watch';
  return [
    question.verb,
    ...(question.subresource === undefined ? [] : ['subresource']),
    ...(question.name === undefined ? [] : [collection ? 'selected name' : 'name']),
    ...(contentType === 'application/apply-patch+yaml' ? ['apply'] : []),
    ...(method === 'PUT' && creates ? ['put of a missing object'] : []),
  ];
}

const isNamespace = ({ kind }: RawObject): boolean => kind === 'Namespace';
const rolesOf = ({ objects }: Scenario): RawObject[] => objects.filter((object) => !isNamespace(object));

/** Roles that hold themselves what was gathered for them: most differences do not come from the gathering. */
function withoutAggregation(objects: readonly RawObject[]): RawObject[] {
  const roles = objects.filter(({ kind }) => kind === 'ClusterRole') as unknown as ClusterRole[];
  const plain = aggregate(roles, 'replace').map((role): RawObject => ({ ...role, aggregationRule: null }));
  return [...plain, ...objects.filter(({ kind }) => kind !== 'ClusterRole')];
}

function withRules(
  objects: RbacObjects,
  change: (rule: NonNullable<Role['rules']>[number]) => NonNullable<Role['rules']>[number],
): RbacObjects {
  const changed = <T extends Role>(role: T): T => ({ ...role, rules: (role.rules ?? []).map(change) });
  return { ...objects, roles: objects.roles.map(changed), clusterRoles: objects.clusterRoles.map(changed) };
}

/** Our answer where the two do not agree on answer and reason. */
function differingReview(authorizer: Authorizer, { identity, question }: Asked, server: Review): object | undefined {
  const ours = authorizer.decide(identity, question);
  return ours.allowed === server.allowed && sameReason() ? undefined : { allowed: ours.allowed, reason: ours.reason };

  function sameReason(): boolean {
    if (!ours.allowed) return errorsIn(ours.reason) === errorsIn(server.reason);
    if (ours.via === undefined) return server.reason === '';
    // The server names whichever of the allowing bindings it came to first.
    const granting = new Set(authorizer.bindingsGranting(question).map(({ binding }) => binding));
    return authorizer
      .grantsFor(identity, 'path' in question ? undefined : question.namespace)
      .some((grant) => granting.has(grant.binding) && server.reason === `RBAC: allowed by ${describeGrant(grant)}`);
  }
}

/** `RBAC: [a, b]` as a set: the server lists errors in the order of its cache. */
function errorsIn(reason: string): string {
  return reason
    .replace(/^RBAC: \[(.*)\]$/, '$1')
    .replace(/^RBAC: /, '')
    .split(', ')
    .sort()
    .join('\n');
}
