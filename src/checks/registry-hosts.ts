/** Registries that serve most of their images to everybody: a missing credential alone is no fault there. */
const PUBLIC_REGISTRIES: ReadonlySet<string> = new Set([
  'docker.io',
  'index.docker.io',
  'registry.k8s.io',
  'k8s.gcr.io',
  'quay.io',
  'ghcr.io',
  'gcr.io',
  'public.ecr.aws',
  'mcr.microsoft.com',
]);

export function isPublicRegistry(host: string): boolean {
  return PUBLIC_REGISTRIES.has(host);
}
