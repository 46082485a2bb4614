import type { View } from '../model/check.ts';
import { compareText } from '../model/text.ts';

/** What namespaces of organizations say about the pods in them: Pod Security and meshes. */
const INHERITED = /^(pod-security\.kubernetes\.io\/[\w-]+|istio-injection|istio\.io\/rev|istio\.io\/dataplane-mode)$/;

/** Labels of that sort which all living siblings have with the same value. */
export function siblingLabels(view: View<'namespaces'>): Readonly<Record<string, string>> {
  const names = new Set(view.platform.allTenants.map(({ namespace }) => namespace));
  const siblings = view
    .evidence('namespaces')
    .filter(({ metadata }) => names.has(metadata.name) && !metadata.deletionTimestamp);
  const [first, ...others] = siblings.map(({ metadata }) => metadata.labels ?? {});
  const entries = Object.entries(first ?? {}).filter(
    ([key, value]) => INHERITED.test(key) && others.every((labels) => labels[key] === value),
  );
  return Object.fromEntries(entries.sort(([a], [b]) => compareText(a, b)));
}
