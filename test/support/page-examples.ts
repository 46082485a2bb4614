import { readFileSync } from 'node:fs';
import { parseYaml } from '../../src/manifests/yaml.ts';
import type { Settings } from '../../src/model/platform.ts';
import { astronomerPlatform, type AstronomerOptions } from '../fixtures/astronomer.ts';
import { coreweaveNamespaces, type CoreweaveOptions } from '../fixtures/coreweave.ts';
import type { CrewaiOptions } from '../fixtures/crewai.ts';
import { fluxPlatform, type FluxOptions } from '../fixtures/flux.ts';
import type { BundleFacts, Scenario } from './scenario.ts';

/** The documentation page of a check, as text. */
export const page = (id: string): string =>
  readFileSync(new URL(`../../docs/checks/${id}.md`, import.meta.url), 'utf8');

export interface PageExample {
  readonly kind: 'fails' | 'passes';
  readonly scenario: Scenario;
}

/** `yaml fails` and `yaml passes` blocks of a page; comments say what else differs from the healthy platform. */
export function examplesOf(id: string): readonly PageExample[] {
  return [...page(id).matchAll(/^```yaml (fails|passes)\n([\s\S]*?)^```$/gm)].map(([, kind, text = '']) => {
    const directive = (name: string): string[] =>
      [...text.matchAll(new RegExp(`^# ${name}: (.+)$`, 'gm'))].map(([, value = '']) => value);
    const base = directive('base')[0];
    const options: unknown = base === undefined ? undefined : parseYaml(base);
    const onFlux = directive('platform')[0] === 'flux';
    const settings = directive('settings')[0];
    const context = directive('context')[0];
    const bundle = directive('bundle')[0];
    return {
      kind: kind === 'fails' ? 'fails' : 'passes',
      scenario: {
        with: text,
        without: directive('without'),
        ...(onFlux || base === undefined ? {} : { base: baseOf(options) }),
        ...(context === undefined ? {} : { context: parseYaml(context) as NonNullable<Scenario['context']> }),
        ...(bundle === undefined ? {} : { bundle: parseYaml(bundle) as BundleFacts }),
        ...(onFlux ? { base: fluxPlatform(options as FluxOptions | undefined) } : {}),
        ...(settings === undefined ? {} : { settings: parseYaml(settings) as Settings }),
      },
    };
  });
}

/** Options of CrewAI Platform, or of another platform under its name. */
function baseOf(said: unknown): NonNullable<Scenario['base']> {
  const { astronomer, coreweave } = said as { astronomer?: AstronomerOptions; coreweave?: CoreweaveOptions };
  if (coreweave) return coreweaveNamespaces(coreweave);
  return astronomer ? astronomerPlatform(astronomer) : (said as CrewaiOptions);
}
