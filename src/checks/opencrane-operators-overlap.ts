import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck } from '../model/check.ts';
import { shellQuote } from '../model/text.ts';
import { manual } from './drafting.ts';
import { watchersOf, watchValues, type Watcher } from './opencrane-watchers.ts';

export default defineCheck({
  id: 'opencrane-operators-overlap',
  title: 'No two operators watch the same namespace',
  severity: 'critical',
  area: 'opencrane',
  platforms: ['opencrane'],
  reads: ['deployments.apps'],
  causes: [{ check: 'opencrane-watch-scope-open', by: ['release'] }],
  *run(view) {
    view.complete('deployments.apps');
    const watchers = watchersOf(view);
    for (const [index, watcher] of watchers.entries()) {
      if ('unknown' in watcher.watch) {
        view.unknown('deployments.apps', `WATCH_NAMESPACE: ${watcher.watch.unknown}`, watcher.instance.namespace);
        continue;
      }
      view.examined();
      for (const other of watchers.slice(index + 1)) {
        const common = other.instance === watcher.instance ? undefined : commonOf(watcher, other);
        if (common === undefined) continue;
        // The one that reaches beyond its own namespace is the one to change.
        const [wrong, right] = isAtHome(watcher) ? [other, watcher] : [watcher, other];
        const ref = refOf('deployments.apps', wrong.component.deployment);
        const { namespace } = wrong.instance;
        yield {
          object: ref,
          discriminator: `${right.instance.namespace}/${right.component.deployment.metadata.name}`,
          path: '/spec/template/spec/containers',
          message: `Deployment ${ref.name} in ${namespace} and ${right.component.deployment.metadata.name} in ${right.instance.namespace} both watch ${common}: they undo each other's work`,
          confidence: 'certain',
          keys: { release: [namespace, right.instance.namespace] },
          evidence: [
            { type: 'object', object: ref, observed: valueOf(wrong) },
            {
              type: 'object',
              object: refOf('deployments.apps', right.component.deployment),
              observed: valueOf(right),
            },
          ],
          remediation: manual(
            'Stop the one that reaches too far, then give it its own namespace',
            `kubectl -n ${namespace} scale deployment/${shellQuote(ref.name)} --replicas=0`,
            ...watchValues(wrong),
          ),
        };
      }
    }
  },
});

const valueOf = ({ watch }: Watcher): string => ('value' in watch ? watch.value.trim() : '');

const isAtHome = (watcher: Watcher): boolean => valueOf(watcher) === watcher.instance.namespace;

/** What both watch; blank is everything, and of what is not known nothing is said. */
function commonOf(one: Watcher, other: Watcher): string | undefined {
  if ('unknown' in one.watch || 'unknown' in other.watch) return undefined;
  const [a, b] = [valueOf(one), valueOf(other)];
  if (a === '' && b === '') return 'every namespace';
  return a === b || a === '' || b === '' ? a || b : undefined;
}
