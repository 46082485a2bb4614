import { describe, expect, it } from 'vitest';
import {
  canonicalRegistryKey,
  matchingEntries,
  registryKey,
  registryMatches,
  shownRegistry,
} from '../../src/kubernetes/registry-match.ts';

const image = 'registry.example.com/a/b';
const nginx = 'docker.io/library/nginx';

// Each row was answered by pkg/credentialprovider of Kubernetes 1.36.
it.each([
  ['registry.example.com', image, true],
  ['https://registry.example.com', image, true],
  ['http://registry.example.com', image, true],
  ['registry.example.com/', image, true],
  ['https://registry.example.com/v1/', image, true],
  ['https://registry.example.com/v2/', image, true],
  ['registry.example.com:443', image, false],
  ['registry.example.com', 'registry.example.com:443/a/b', false],
  ['registry.example.com:5000', 'registry.example.com:5000/a/b', true],
  ['*.example.com:5000', 'registry.example.com:5000/a/b', true],
  ['*.example.com', image, true],
  ['reg*.example.com', image, true],
  ['r*g*y.example.com', image, true],
  ['reg*x.example.com', image, false],
  ['*.*.example.com', 'a.b.example.com/x', true],
  ['*.example.com', 'a.b.example.com/x', false],
  ['example.com', image, false],
  ['*.com', image, false],
  ['*', image, false],
  ['registry.example.com/team', 'registry.example.com/team/app', true],
  ['registry.example.com/team', 'registry.example.com/teammate/app', true],
  ['registry.example.com/v2/team', 'registry.example.com/team/app', true],
  ['registry.example.com/team', 'registry.example.com/other/app', false],
  ['registry.example.com/te*', 'registry.example.com/team/app', false],
  ['registry.example.com/a/b:1', image, false],
  ['Registry.example.com', image, false],
  ['https://index.docker.io/v1/', nginx, true],
  ['index.docker.io', nginx, true],
  ['docker.io', nginx, true],
  ['https://index.docker.io/v1/', 'docker.io/acme/app', true],
  ['docker.io/acme', 'docker.io/acme/app', true],
  ['docker.io/acme', 'docker.io/acmecorp/app', true],
  ['docker.io/acme', nginx, false],
  ['https://index.docker.io/v1', nginx, false],
  ['registry-1.docker.io', nginx, false],
  ['index.docker.io', image, false],
  ['user:password@registry.example.com', image, true],
  ['bad host', image, false],
  ['registry.example.com/%61', image, true],
  ['registry.example.com:5000', image, false],
  ['registry.example.com:', image, true],
])('%s serves %s: %s', (key, repository, matches) => {
  expect(registryMatches(key, repository)).toBe(matches);
});

describe('matchingEntries', () => {
  it('tries the most specific entry first and all that match', () => {
    const hosts = ['registry.example.com', '*.example.com', 'registry.example.com/a', 'other.example.com'];
    const found = matchingEntries(
      hosts.map((host) => ({ host })),
      image,
    );
    expect(found.map(({ host }) => host)).toEqual(['registry.example.com/a', 'registry.example.com', '*.example.com']);
  });

  it("takes Docker Hub's default entry only when nothing else matches", () => {
    const entries = [{ host: 'https://index.docker.io/v1/' }, { host: 'docker.io' }];
    expect(matchingEntries(entries, nginx)).toEqual([{ host: 'docker.io' }]);
    expect(matchingEntries(entries.slice(0, 1), nginx)).toEqual(entries.slice(0, 1));
  });
});

it.each([
  ['https://index.docker.io/v1/', 'index.docker.io', 'index.docker.io'],
  ['docker.io', 'docker.io', 'index.docker.io'],
  ['docker.io/acme', 'docker.io/acme', 'docker.io/acme'],
  ['http://r.example.com:5000/v2/', 'r.example.com:5000', 'r.example.com:5000'],
  ['r.example.com/team/', 'r.example.com/team/', 'r.example.com/team/'],
  ['r.example.com/%zz', undefined, 'r.example.com/%zz'],
  ['r.example.com:port', undefined, 'r.example.com:port'],
])('%s is filed as %s, canonical %s', (written, key, canonical) => {
  expect([registryKey(written), canonicalRegistryKey(written)]).toEqual([key, canonical]);
});

it.each([
  ['https://user:hunter2@r.example.com/v1/?token=hunter2#hunter2', 'https://r.example.com/v1/'],
  ['user:hunter2@r.example.com', 'r.example.com'],
  ['r.example.com/a@b', 'r.example.com/a@b'],
])('shows %s as %s', (written, shown) => {
  expect(shownRegistry(written)).toBe(shown);
});
