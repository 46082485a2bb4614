import { Flags, type Interfaces } from '@oclif/core';
import { AREAS } from '../../model/check.ts';
import { SEVERITIES } from '../../model/finding.ts';
import { PLATFORM_IDS } from '../../model/platform.ts';
import { SECURITY_LEVELS } from '../../model/pods.ts';

/** Organizations to choose, as every command takes them. */
export const orgFlag = (description: string): Interfaces.OptionFlag<string[] | undefined> =>
  Flags.string({
    helpGroup: 'SCOPE',
    helpValue: 'ID',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    description,
  });

export const scopeFlags = {
  namespace: Flags.string({
    char: 'n',
    helpGroup: 'SCOPE',
    helpValue: 'NAMESPACE',
    description: 'judge one tenant namespace and what must be read to judge it (default: the whole platform)',
  }),
  org: orgFlag('judge these organizations'),
  'all-namespaces': Flags.boolean({ char: 'A', helpGroup: 'SCOPE', description: 'insist on cluster-wide listings' }),
};

export const platformFlags = {
  config: Flags.string({
    helpGroup: 'PLATFORM',
    helpValue: 'FILE',
    description: 'settings by kubeconfig context (default: $CREWISO_CONFIG, ~/.config/kubectl-crewiso/config.yaml)',
  }),
  platform: Flags.string({
    helpGroup: 'PLATFORM',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    options: [...PLATFORM_IDS],
    description: 'judge these platforms alone (default: every one that is found)',
  }),
  'platform-namespace': Flags.string({
    helpGroup: 'PLATFORM',
    helpValue: 'NAMESPACE',
    description: "namespace of the platform's own Deployments",
  }),
  'shared-namespace': Flags.string({
    helpGroup: 'PLATFORM',
    helpValue: 'NAMESPACE',
    description: 'value of K8S_NAMESPACE',
  }),
  'platform-account': Flags.string({
    helpGroup: 'PLATFORM',
    helpValue: 'NAMESPACE:NAME',
    description: "the platform's ServiceAccount",
  }),
  release: Flags.string({
    helpGroup: 'PLATFORM',
    helpValue: 'NAME',
    description: 'Helm release, where one namespace holds two platforms',
  }),
  'exclude-org': Flags.string({
    helpGroup: 'PLATFORM',
    helpValue: 'ID',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    description: 'organizations that stay in the shared namespace on purpose',
  }),
  isolation: Flags.string({
    helpGroup: 'PLATFORM',
    options: ['on', 'off'],
    description: 'state of the k8s_namespace_isolation flag, which no object in the cluster shows',
  }),
  mode: Flags.string({
    helpGroup: 'PLATFORM',
    options: ['auto', 'manual'],
    description: 'how organizations are meant to get their rights',
  }),
  'registry-secret': Flags.string({
    helpGroup: 'PLATFORM',
    helpValue: 'NAME',
    description: 'name of the registry secret',
  }),
  'registry-source': Flags.string({
    helpGroup: 'PLATFORM',
    helpValue: 'NAMESPACE/NAME',
    description: 'Secret that the copies are made from',
  }),
  'pod-security': Flags.string({
    helpGroup: 'PLATFORM',
    options: [...SECURITY_LEVELS],
    description: "Pod Security level that tenants' namespaces are to enforce",
  }),
  handle: Flags.string({
    helpGroup: 'PLATFORM',
    helpValue: 'NAME',
    description: 'organization at CoreWeave, as its first namespace (tenant-NAME) is called',
  }),
};

/** What checks compare with. */
export const referenceFlags = {
  'crd-baseline': Flags.string({
    helpGroup: 'PLATFORM',
    helpValue: 'DIR',
    description:
      'CRDs that are to be applied: what they break, and which objects do not fit them (crd-breaking-change)',
  }),
  'version-matrix': Flags.string({
    helpGroup: 'PLATFORM',
    helpValue: 'FILE',
    description: 'more versions of OpenCrane and the CRDs that they go with (explain --schema version-matrix)',
  }),
};

export const checkFlags = {
  check: Flags.string({
    helpGroup: 'CHECKS',
    helpValue: 'ID',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    description: 'run only these checks',
  }),
  'skip-check': Flags.string({
    helpGroup: 'CHECKS',
    helpValue: 'ID',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    description: 'leave these checks out',
  }),
  area: Flags.string({
    helpGroup: 'CHECKS',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    options: [...AREAS],
    description: 'run only the checks of an area',
  }),
};

export const policyFlags = {
  waivers: Flags.string({
    helpGroup: 'POLICY',
    helpValue: 'FILE',
    description: 'accepted findings, each with a reason, an owner and an end',
  }),
  baseline: Flags.string({
    helpGroup: 'POLICY',
    helpValue: 'FILE',
    description: 'only findings that this file (or older report) does not know make the exit code 1',
  }),
  'write-baseline': Flags.string({
    helpGroup: 'POLICY',
    helpValue: 'FILE',
    description: 'write what was found as a baseline',
  }),
  'fail-on': Flags.option({
    helpGroup: 'POLICY',
    options: [...SEVERITIES, 'never'] as const,
    default: 'high' as const,
    description: 'lowest severity that makes the exit code 1',
  })(),
  'allow-incomplete': Flags.boolean({
    helpGroup: 'POLICY',
    description: 'exit 0 instead of 3 when something could not be seen',
  }),
};

export const OUTPUT_FORMATS = ['table', 'short', 'json', 'yaml', 'name'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

export const outputFlags = {
  output: Flags.option({
    char: 'o',
    helpGroup: 'OUTPUT',
    options: OUTPUT_FORMATS,
    default: 'table' as const,
    description: 'format of the report',
  })(),
  out: Flags.string({
    helpGroup: 'OUTPUT',
    helpValue: 'FORMAT=FILE',
    multiple: true,
    multipleNonGreedy: true,
    description: 'also write the report to a file (repeatable)',
  }),
  show: Flags.string({
    helpGroup: 'OUTPUT',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    options: ['passed', 'not-applicable', 'all'],
    description: 'also list these checks',
  }),
  'min-severity': Flags.option({
    helpGroup: 'OUTPUT',
    options: SEVERITIES,
    default: 'info' as const,
    description: 'hide findings below (they still count)',
  })(),
  'no-headers': Flags.boolean({ helpGroup: 'OUTPUT', description: 'no header lines' }),
  wide: Flags.boolean({ char: 'w', helpGroup: 'OUTPUT', description: 'never shorten' }),
  color: Flags.option({
    helpGroup: 'OUTPUT',
    options: ['auto', 'always', 'never'] as const,
    default: 'auto' as const,
    description: 'when to colour',
  })(),
  ascii: Flags.boolean({ helpGroup: 'OUTPUT', description: 'plain ASCII' }),
};

/** Of commands that answer a question instead of writing a report. */
export const answerFlags = {
  output: Flags.option({
    char: 'o',
    helpGroup: 'OUTPUT',
    options: ['table', 'json', 'yaml'] as const,
    default: 'table' as const,
    description: 'format of the answer',
  })(),
  'no-headers': outputFlags['no-headers'],
  wide: outputFlags.wide,
  color: outputFlags.color,
  ascii: outputFlags.ascii,
};
