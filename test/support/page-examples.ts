import { readFileSync } from 'node:fs';
import { parseYaml } from '../../src/manifests/yaml.ts';
import type { References, Settings } from '../../src/model/platform.ts';
import { astronomerPlatform, type AstronomerOptions } from '../fixtures/astronomer.ts';
import { coreweaveNamespaces, type CoreweaveOptions } from '../fixtures/coreweave.ts';
import { crewaiPlatform, type CrewaiOptions, type RawObject } from '../fixtures/crewai.ts';
import { opencranePlatform, type OpencraneOptions } from '../fixtures/opencrane.ts';
import { fluxPlatform, type FluxOptions } from '../fixtures/flux.ts';
import type { BundleFacts, Scenario } from './scenario.ts';

/** The documentation page of a check, as text. */
export const page = (id: string): string =>
  readFileSync(new URL(`../../docs/checks/${id}.md`, import.meta.url), 'utf8');

export interface PageExample {
  readonly kind: 'fails' | 'passes';
  readonly scenario: Scenario;
}

/** A healthy platform of each kind, by the id that `# platform:` names. */
const BASES: Readonly<Record<string, (options: object) => readonly RawObject[]>> = {
  crewai: (options: CrewaiOptions) => crewaiPlatform(options),
  astronomer: (options: AstronomerOptions) => astronomerPlatform(options),
  coreweave: (options: CoreweaveOptions) => coreweaveNamespaces(options),
  flux: (options: FluxOptions) => fluxPlatform(options),
  opencrane: (options: OpencraneOptions) => opencranePlatform(options),
};

/** `yaml fails` and `yaml passes` blocks of a page; comments say what else differs from the healthy platform. */
export function examplesOf(id: string): readonly PageExample[] {
  return [...page(id).matchAll(/^```yaml (fails|passes)\n([\s\S]*?)^```$/gm)].map(([, kind, text = '']) => {
    const directive = (name: string): string[] =>
      [...text.matchAll(new RegExp(`^# ${name}: (.+)$`, 'gm'))].map(([, value = '']) => value);
    const base = directive('base')[0];
    const settings = directive('settings')[0];
    const [platform] = directive('platform');
    const context = directive('context')[0];
    const bundle = directive('bundle')[0];
    const references = directive('references')[0];
    return {
      kind: kind === 'fails' ? 'fails' : 'passes',
      scenario: {
        with: text,
        without: directive('without'),
        ...baseOf(platform, base),
        ...(context === undefined ? {} : { context: parseYaml(context) as NonNullable<Scenario['context']> }),
        ...(bundle === undefined ? {} : { bundle: parseYaml(bundle) as BundleFacts }),
        ...(references === undefined ? {} : { references: parseYaml(references) as References }),
        ...(settings === undefined ? {} : { settings: parseYaml(settings) as Settings }),
      },
    };
  });
}

function baseOf(platform: string | undefined, options: string | undefined): Pick<Scenario, 'base'> {
  const parsed = options === undefined ? undefined : (parseYaml(options) as object);
  if (platform === undefined) return parsed ? { base: parsed } : {};
  const make = BASES[platform];
  if (!make) throw new Error(`there is no fixture of ${platform}`);
  return { base: make(parsed ?? {}) };
}
