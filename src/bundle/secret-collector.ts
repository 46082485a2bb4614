import { isHoustonConfig, reduceHoustonConfig } from '../kubernetes/houston-config.ts';
import { helmReleases } from '../kubernetes/listings-of-objects.ts';
import { HELM_RELEASE, isHelmRelease } from '../kubernetes/helm-release.ts';
import {
  DOCKER_CFG,
  DOCKER_CONFIG_JSON,
  isRegistrySecret,
  reduceRegistrySecret,
} from '../kubernetes/registry-secret.ts';
import { secretEntry } from '../kubernetes/secret-entry.ts';
import { isSupportBundleSpec, reduceSupportBundleSpec } from '../kubernetes/support-bundle-spec.ts';
import type { ClusterReader, ListOptions } from '../model/cluster-reader.ts';
import type { SecretTools } from '../model/derived.ts';
import type { KubeObject } from '../model/object.ts';
import type { CollectScope } from './collect-scope.ts';
import { contentNamed, DERIVED, type Derived } from './content.ts';
import type { Plan } from './format.ts';
import { HeldObjects } from './held-objects.ts';
import { listInto, type Listed, type Outcome } from './list-collector.ts';
import { ELSEWHERE } from './paths.ts';
import type { Redaction } from './redaction-counts.ts';
import { reduce, type Inclusions } from './reductions.ts';

/** A list that was read and waits for being redacted. */
export interface HeldList {
  readonly listed: Listed;
  readonly objects: Pick<HeldObjects, 'moveTo'>;
}

export type SecretLists = Readonly<Record<'secrets' | 'configmaps' | Derived, HeldList>>;

export interface SecretInput {
  readonly reader: ClusterReader;
  readonly redaction: Redaction;
  readonly scope: CollectScope;
  readonly tools: SecretTools;
  readonly options: { readonly include?: Inclusions };
  readonly toolsIn?: (namespace: string) => SecretTools | undefined;
  /** `auto`: Secrets come with their data, and are looked for everywhere · `off`: only pull Secrets, releases and specs do. */
  readonly knownValues: Plan['knownValues'];
}

/**
 * Secrets, and the ConfigMaps that may hold what Secrets may. They come first: the redactor learns what it has to look for
 * in everything else. Of their data nothing is held but what `src/kubernetes` makes of it.
 */
export async function collectSecrets(input: SecretInput): Promise<SecretLists> {
  const run = new SecretRun(input);
  const lists = await (input.knownValues === 'auto' ? run.withData() : run.inventory());
  const { configmaps, specs, houston } = await run.configMaps();
  const ofSecrets = lists['support-bundle-specs'];
  return {
    ...lists,
    configmaps,
    'houston-configs': { listed: configmaps.listed, objects: houston },
    'support-bundle-specs': {
      listed: worst([ofSecrets.listed, configmaps.listed]),
      objects: {
        moveTo: async (sink) => {
          await ofSecrets.objects.moveTo(sink);
          await specs.moveTo(sink);
        },
      },
    },
  };
}

type OfSecrets = Omit<SecretLists, 'configmaps' | 'houston-configs'>;

class SecretRun {
  readonly #input: SecretInput;
  readonly #platform: ReadonlySet<string>;
  /** Derived objects, already without data. */
  readonly #held = Object.fromEntries(DERIVED.map((name) => [name, new HeldObjects((object) => object)])) as Readonly<
    Record<Derived, HeldObjects>
  >;
  /** Why the releases of a namespace are not all there are. */
  readonly #unreadable = new Map<string, Outcome>();

  constructor(input: SecretInput) {
    this.#input = input;
    this.#platform = new Set(input.scope.platformNamespaces);
  }

  /** ConfigMaps, and among them the vendor's specs and Houston's pool. */
  async configMaps(): Promise<Record<'specs' | 'houston', HeldObjects> & { readonly configmaps: HeldList }> {
    const specs = new HeldObjects((object) => object);
    const houston = new HeldObjects((object) => object);
    const objects = new HeldObjects((object, namespace) => {
      if (isSupportBundleSpec(object)) specs.put(namespace, reduceSupportBundleSpec(object, this.#toolsIn(namespace)));
      if (isHoustonConfig(object)) houston.put(namespace, reduceHoustonConfig(object, this.#toolsIn(namespace)));
      return reduce('configmaps', object, this.#input.options.include);
    });
    const restart = (): void => {
      objects.restart();
      specs.restart();
      houston.restart();
    };
    const listed = await this.#list('configmaps', {}, { put: objects.put.bind(objects), restart });
    return { configmaps: { listed, objects }, specs, houston };
  }

  /** One list that yields the inventory and everything derived. */
  async withData(): Promise<OfSecrets> {
    const objects = new HeldObjects((object, namespace) => {
      this.#learn(object, namespace);
      return secretEntry(object);
    });
    const restart = (): void => {
      objects.restart();
      for (const name of DERIVED) this.#held[name].restart();
    };
    const sink = { put: objects.put.bind(objects), restart };
    const listed = await this.#list('secrets', { managedFields: true }, sink);
    const derived = (name: Derived): HeldList => ({ listed: this.#marked(name, listed), objects: this.#held[name] });
    return {
      secrets: { listed, objects },
      'registry-secrets': derived('registry-secrets'),
      'helm-releases': derived('helm-releases'),
      'support-bundle-specs': derived('support-bundle-specs'),
    };
  }

  /** The inventory alone, and with `off` the Secrets of which something is derived. */
  async inventory(): Promise<OfSecrets> {
    const objects = new HeldObjects((object) => object);
    const listed = await this.#list('secrets', { inventory: true }, objects);
    return {
      secrets: { listed, objects },
      'registry-secrets': await this.#typed('registry-secrets', [ofType(DOCKER_CONFIG_JSON), ofType(DOCKER_CFG)]),
      'helm-releases': await this.#typed('helm-releases', [ofType(HELM_RELEASE)]),
      'support-bundle-specs': await this.#typed('support-bundle-specs', [
        { labelSelector: 'troubleshoot.sh/kind=support-bundle' },
        { labelSelector: 'troubleshoot.io/kind=support-bundle' },
      ]),
    };
  }

  async #typed(name: Derived, queries: readonly Omit<ListOptions, 'namespace'>[]): Promise<HeldList> {
    const objects = this.#held[name];
    if (this.#input.knownValues === 'none') {
      const outcome: Outcome = { status: 'skipped', cause: 'selection', detail: 'no Secret was read' };
      return { listed: { outcome: () => outcome, dropped: [] }, objects };
    }
    const lists: Listed[] = [];
    for (const query of queries) {
      const learning = new HeldObjects((object, namespace) => {
        this.#learn(object, namespace);
        return undefined;
      });
      lists.push(await this.#list('secrets', { ...query, managedFields: true }, learning));
    }
    return { listed: this.#marked(name, worst(lists)), objects };
  }

  #list(name: string, options: Omit<ListOptions, 'namespace'>, sink: Parameters<typeof listInto>[4]): Promise<Listed> {
    const { reader, scope } = this.#input;
    return listInto(reader, contentNamed(name), scope, options, sink);
  }

  #learn(secret: KubeObject, namespace: string): void {
    const tools = this.#toolsIn(namespace);
    this.#input.redaction.learnSecret(secret);
    if (isRegistrySecret(secret)) this.#held['registry-secrets'].put(namespace, reduceRegistrySecret(secret, tools));
    if (isHelmRelease(secret) && this.#platform.has(namespace)) this.#holdRelease(secret, namespace);
    if (isSupportBundleSpec(secret))
      this.#held['support-bundle-specs'].put(namespace, reduceSupportBundleSpec(secret, tools));
  }

  /** Fingerprints have the key of the archive that they go into. */
  #toolsIn(namespace: string): SecretTools {
    return this.#input.toolsIn?.(namespace) ?? this.#input.tools;
  }

  #holdRelease(secret: KubeObject, namespace: string): void {
    const { items, gaps } = helmReleases([secret], this.#input.tools);
    for (const item of items) this.#held['helm-releases'].put(namespace, item);
    for (const { detail } of gaps)
      this.#unreadable.set(namespace, { status: 'truncated', cause: 'unreadable', detail });
  }

  #marked(name: Derived, listed: Listed): Listed {
    if (name !== 'helm-releases') return listed;
    return {
      ...listed,
      outcome: (namespace) => this.#unreadable.get(namespace ?? ELSEWHERE) ?? listed.outcome(namespace),
    };
  }
}

const ofType = (type: string): Pick<ListOptions, 'fieldSelector'> => ({ fieldSelector: `type=${type}` });

/** Several lists as one: what kept one of them from being whole keeps all. */
function worst(lists: readonly Listed[]): Listed {
  return {
    outcome: (namespace) => {
      const outcomes = lists.map((list) => list.outcome(namespace));
      return outcomes.find(({ status }) => status !== 'ok') ?? outcomes[0] ?? { status: 'ok' };
    },
    dropped: [...new Set(lists.flatMap(({ dropped }) => dropped))].sort(),
  };
}
