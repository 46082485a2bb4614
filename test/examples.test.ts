import { expect, it } from 'vitest';
import { stringifyYaml } from '../src/manifests/yaml.ts';
import { brokenPlatform } from './fixtures/broken.ts';
import { crewaiPlatform, type RawObject } from './fixtures/crewai.ts';

const yaml = (objects: readonly RawObject[]): string =>
  objects.map((object) => `---\n${stringifyYaml(object)}`).join('');

// The examples that are shipped are the fixtures that are tested; `npx vitest run test/examples.test.ts -u` writes them.
it('ships the broken platform of the demo', async () => {
  await expect(yaml(brokenPlatform())).toMatchFileSnapshot('../examples/broken/platform.yaml');
});

it('ships a clean platform', async () => {
  await expect(yaml(crewaiPlatform({ orgs: [1, 2, 4] }))).toMatchFileSnapshot('../examples/clean/platform.yaml');
});
