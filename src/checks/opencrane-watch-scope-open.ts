import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type OpencraneView } from '../model/check.ts';
import type { FindingDraft, Severity } from '../model/finding.ts';
import { manual } from './drafting.ts';
import { isMultiInstance, watchersOf, watchValues, type Watcher } from './opencrane-watchers.ts';

type Eyes = OpencraneView<'deployments.apps' | 'namespaces' | 'networkpolicies.networking.k8s.io'>;

export default defineCheck({
  id: 'opencrane-watch-scope-open',
  title: 'Each instance watches its own namespace only',
  severity: 'critical',
  area: 'opencrane',
  platforms: ['opencrane'],
  reads: ['deployments.apps', 'namespaces', 'networkpolicies.networking.k8s.io'],
  *run(view) {
    view.complete('deployments.apps');
    if (!isMultiInstance(view)) return;
    for (const watcher of watchersOf(view)) {
      const { watch, requireWatch } = watcher;
      const { namespace } = watcher.instance;
      for (const [name, variable] of Object.entries({ WATCH_NAMESPACE: watch, REQUIRE_WATCH_NAMESPACE: requireWatch }))
        if ('unknown' in variable) view.unknown('deployments.apps', `${name}: ${variable.unknown}`, namespace);
      if ('unknown' in watch) continue;
      view.examined();
      const fault = watchFault(view, namespace, watch.value);
      if (fault) yield draft(watcher, 'WATCH_NAMESPACE', fault.severity, fault.what, watch.value);
      else if (!('unknown' in requireWatch) && requireWatch.value !== 'true')
        yield draft(watcher, 'REQUIRE_WATCH_NAMESPACE', 'high', OPEN, requireWatch.value);
    }
  },
});

const OPEN = 'is not true: once its namespace is lost it watches all of them instead of refusing to start';

function watchFault(view: Eyes, own: string, value: string): { severity: Severity; what: string } | undefined {
  if (value.trim() === '') return { severity: 'critical', what: 'is empty: it watches the Tenants of every instance' };
  // One name is taken, no list: nothing is called like that.
  if (value.includes(','))
    return { severity: 'high', what: `is ${value}, which is one name to it: it watches nothing` };
  // Where it runs itself there is a namespace, also in what helm template prints, which makes none.
  if (value === own) return undefined;
  return view.find('namespaces', value) === 'absent'
    ? { severity: 'high', what: `is ${value}, which does not exist: it watches nothing` }
    : undefined;
}

function draft(watcher: Watcher, variable: string, severity: Severity, what: string, value: string): FindingDraft {
  const { component, instance, watch } = watcher;
  const ref = refOf('deployments.apps', component.deployment);
  return {
    object: ref,
    discriminator: variable,
    path: '/spec/template/spec/containers',
    severity,
    message: `${variable} of Deployment ${ref.name} in ${instance.namespace} ${what}`,
    confidence: 'certain',
    keys: { release: instance.namespace },
    evidence: [
      { type: 'object', object: ref, observed: value, ...('source' in watch ? { message: watch.source } : {}) },
    ],
    remediation: manual(
      'Give each instance its own namespace to watch, and let it insist on it',
      ...watchValues(watcher),
    ),
  };
}
