import { defineCheck } from '../model/check.ts';
import { asSureAsHandle } from './coreweave-siblings.ts';
import { manual } from './drafting.ts';

export default defineCheck({
  id: 'coreweave-context-mismatch',
  title: 'The kubeconfig context points to the intended namespace',
  severity: 'medium',
  area: 'platform',
  platforms: ['coreweave'],
  origins: ['cluster'],
  reads: ['namespaces'],
  *run(view) {
    const { origin, platform } = view;
    if (origin.from !== 'cluster' || origin.context === undefined) return;
    view.complete('namespaces');
    view.examined();
    const { context, contextNamespace } = origin;
    const { allTenants, original, selection } = platform;
    const [wanted = original, ...others] = selection?.only ?? [];
    const known = allTenants.find(({ namespace }) => namespace === contextNamespace);
    const wrong = ((): string | undefined => {
      if (contextNamespace === undefined) return 'names no namespace, so that kubectl works in default';
      if (known && others.length === 0 && selection?.only && wanted !== contextNamespace)
        return `names ${contextNamespace}, and ${wanted} is meant`;
      if (known) return undefined;
      return `names ${contextNamespace}, which is no namespace of ${original}`;
    })();
    // What cannot be listed may well be there.
    if (wrong === undefined || (contextNamespace?.startsWith(`${original}-`) && !known && !view.complete('namespaces')))
      return;
    yield {
      object: { apiVersion: 'v1', kind: 'Config', name: context },
      path: `contexts[name=${context}].context.namespace`,
      message: `context ${context} ${wrong}`,
      ...asSureAsHandle(view, 'certain', 'medium'),
      evidence: [{ type: 'comparison', observed: contextNamespace ?? null, expected: wanted }],
      remediation: manual(
        'Name the namespace in the context, or with every command',
        `kubectl config set-context ${context} --namespace=${wanted}`,
      ),
    };
  },
});
