/**
 * Pull Secrets that OpenShift's controllers make for every service account (`default-dockercfg-x7k2p`) and replace when
 * they like: neither their type nor their absence is anybody's mistake.
 */
export function isGeneratedPullSecret(name: string): boolean {
  return /-dockercfg-[a-z0-9]{5}$/.test(name);
}
