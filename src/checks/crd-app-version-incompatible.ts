import { placeInRow, rowFor } from '../kubernetes/opencrane-matrix.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type OpencraneView } from '../model/check.ts';
import type { Remediation } from '../model/finding.ts';
import type { Workload } from '../model/kinds.ts';
import { compareNames } from '../model/object.ts';
import type { OpencraneInstance } from '../model/opencrane.ts';
import { shellQuote } from '../model/text.ts';
import { manual } from './drafting.ts';
import { APPLY_BUNDLE, DEFINITIONS, definitionsOf, servedVersions, type Definitions } from './platform-definitions.ts';

type Eyes = OpencraneView<Definitions | 'helm-releases' | 'deployments.apps'>;

export default defineCheck({
  id: 'crd-app-version-incompatible',
  title: 'Each instance runs a version that the installed CRDs support',
  severity: 'high',
  area: 'crd',
  platforms: ['opencrane'],
  reads: [DEFINITIONS, 'helm-releases', 'deployments.apps'],
  causes: [{ check: 'crd-bundle-mixed', by: ['platform'] }],
  *run(view) {
    view.complete('deployments.apps');
    const served = [...new Set(definitionsOf(view).flatMap(servedVersions))].sort(compareNames);
    const row = rowFor(served, view.platform.versionMatrix);
    for (const instance of view.platform.instances) {
      const { namespace, release = namespace, components } = instance;
      const found = versionOf(view, instance);
      const place = found && row && placeInRow(found.version, row);
      const [component] = components;
      if (!found || !place || !component) {
        view.unknown('helm-releases', whyUnknown(release, found?.version, row ? undefined : served), namespace);
        continue;
      }
      view.examined();
      if (place === 'listed') continue;
      const expected = row.versions.map((version) => `${version}.x`).join(', ');
      yield {
        object: refOf('deployments.apps', component.deployment),
        severity: place === 'newer' ? 'critical' : 'high',
        message: `Release ${release} in ${namespace} runs ${found.version}, the installed CRDs ${row.bundle} are for ${expected}`,
        confidence: 'certain',
        keys: { release: namespace },
        evidence: [{ type: 'comparison', message: found.source, observed: found.version, expected }],
        remediation: repair(release, namespace),
      };
    }
  },
});

function repair(release: string, namespace: string): Remediation {
  return manual(
    'Bring CRDs and instance together: the CRDs lead',
    APPLY_BUNDLE,
    `helm history ${shellQuote(release)} -n ${namespace}`,
    `# one instance after the other, one of them first: helm upgrade ${release} CHART -n ${namespace} --skip-crds`,
    `# to back out roll the instance back, never the CRDs: helm rollback ${release} -n ${namespace}`,
  );
}

interface Version {
  readonly version: string;
  readonly source: string;
}

/**
 * What the newest deployed revision says, else the label of the chart, else an image tag that is a version. The charts
 * default to `latest`, which says nothing.
 */
function versionOf(view: Eyes, { namespace, release, components }: OpencraneInstance): Version | undefined {
  const newest = view
    .list('helm-releases', namespace)
    .filter(({ release: name, status }) => status === 'deployed' && (release === undefined || name === release))
    .sort((a, b) => b.revision - a.revision)[0];
  if (newest?.chart?.appVersion !== undefined)
    return { version: newest.chart.appVersion, source: `appVersion of revision ${String(newest.revision)}` };
  return components[0] && versionOfDeployment(components[0].deployment);
}

function versionOfDeployment(deployment: Workload): Version | undefined {
  const label = deployment.metadata.labels?.['app.kubernetes.io/version'];
  if (label !== undefined) return { version: label, source: 'label app.kubernetes.io/version' };
  const image = deployment.spec?.template?.spec?.containers?.[0]?.image ?? '';
  const tag = /:(v?\d+\.\d+\.\d+[\w.+-]*)$/.exec(image)?.[1];
  return tag === undefined ? undefined : { version: tag, source: `image ${image}` };
}

function whyUnknown(release: string, version: string | undefined, served: readonly string[] | undefined): string {
  if (served) return `no row of the version matrix is for CRDs that serve ${served.join(', ') || 'nothing'}`;
  return version === undefined
    ? `nothing says which version release ${release} runs (latest and digests do not)`
    : `${version}, which release ${release} runs, is no version`;
}
