import { expect, it } from 'vitest';
import { parseImageReference } from '../../src/kubernetes/image-reference.ts';

const SHA = `sha256:${'a'.repeat(64)}`;

// Each row was answered by pkg/util/parsers of Kubernetes 1.36.
it.each([
  ['nginx', 'docker.io', 'library/nginx', 'latest', undefined],
  ['nginx:1.25', 'docker.io', 'library/nginx', '1.25', undefined],
  ['acme/app', 'docker.io', 'acme/app', 'latest', undefined],
  ['a/b/c', 'docker.io', 'a/b/c', 'latest', undefined],
  ['docker.io/nginx', 'docker.io', 'library/nginx', 'latest', undefined],
  ['index.docker.io/nginx', 'docker.io', 'library/nginx', 'latest', undefined],
  ['registry.example.com/crew:1', 'registry.example.com', 'crew', '1', undefined],
  ['registry.example.com:5000/a/b', 'registry.example.com:5000', 'a/b', 'latest', undefined],
  ['localhost/x', 'localhost', 'x', 'latest', undefined],
  ['localhost:5000/x', 'localhost:5000', 'x', 'latest', undefined],
  ['Registry/x', 'Registry', 'x', 'latest', undefined],
  ['[::1]:5000/x', '[::1]:5000', 'x', 'latest', undefined],
  [`nginx@${SHA}`, 'docker.io', 'library/nginx', undefined, SHA],
  [`registry.example.com/a:v1@${SHA}`, 'registry.example.com', 'a', 'v1', SHA],
  ['images.crewai.com/proxy/crewai/app:1', 'images.crewai.com', 'proxy/crewai/app', '1', undefined],
])('%s', (image, registry, path, tag, digest) => {
  expect(parseImageReference(image)).toEqual({
    registry,
    path,
    repository: `${registry}/${path}`,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  });
});

it.each([
  '',
  '/',
  'Nginx',
  'acme/App',
  'https://registry.example.com/a',
  'nginx:',
  'a//b',
  'a/',
  '-a/b',
  'nginx:-x',
  `nginx:${'t'.repeat(129)}`,
  'f'.repeat(64),
  'nginx@sha256:abc',
  `nginx@sha256:${'A'.repeat(64)}`,
  `nginx@md5:${'a'.repeat(32)}`,
  'nginx ',
  'nginx\n',
  `registry.example.com/${'a'.repeat(256)}`,
])('refuses %j', (image) => {
  expect(parseImageReference(image)).toBeUndefined();
});
