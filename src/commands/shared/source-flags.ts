import { Flags } from '@oclif/core';

/** kubectl's own cluster flags, with kubectl's names and meaning (`kubectl options`). */
export const clusterFlags = {
  kubeconfig: Flags.string({
    helpGroup: 'CLUSTER',
    helpValue: 'FILE',
    description: 'kubeconfig to use instead of $KUBECONFIG or ~/.kube/config',
  }),
  context: Flags.string({ helpGroup: 'CLUSTER', helpValue: 'NAME', description: 'kubeconfig context to use' }),
  cluster: Flags.string({ helpGroup: 'CLUSTER', helpValue: 'NAME', description: 'kubeconfig cluster to use' }),
  user: Flags.string({ helpGroup: 'CLUSTER', helpValue: 'NAME', description: 'kubeconfig user to use' }),
  server: Flags.string({ char: 's', helpGroup: 'CLUSTER', helpValue: 'URL', description: 'address of the API server' }),
  token: Flags.string({ helpGroup: 'CLUSTER', helpValue: 'TOKEN', description: 'bearer token for the API server' }),
  'certificate-authority': Flags.string({
    helpGroup: 'CLUSTER',
    helpValue: 'FILE',
    description: 'CA certificate of the API server',
  }),
  'client-certificate': Flags.string({ helpGroup: 'CLUSTER', helpValue: 'FILE', description: 'client certificate' }),
  'client-key': Flags.string({ helpGroup: 'CLUSTER', helpValue: 'FILE', description: 'key of the client certificate' }),
  'tls-server-name': Flags.string({
    helpGroup: 'CLUSTER',
    helpValue: 'NAME',
    description: 'name to expect in the server certificate',
  }),
  'insecure-skip-tls-verify': Flags.boolean({
    helpGroup: 'CLUSTER',
    description: 'do not check the server certificate',
  }),
  as: Flags.string({ helpGroup: 'CLUSTER', helpValue: 'USER', description: 'user to impersonate' }),
  'as-group': Flags.string({
    helpGroup: 'CLUSTER',
    helpValue: 'GROUP',
    multiple: true,
    multipleNonGreedy: true,
    description: 'group to impersonate (repeatable)',
  }),
  'as-uid': Flags.string({ helpGroup: 'CLUSTER', helpValue: 'UID', description: 'uid to impersonate' }),
  'as-user-extra': Flags.string({
    helpGroup: 'CLUSTER',
    helpValue: 'KEY=VALUE',
    multiple: true,
    multipleNonGreedy: true,
    description: 'extra field of the impersonated user (repeatable)',
  }),
  'request-timeout': Flags.string({
    helpGroup: 'CLUSTER',
    helpValue: 'DURATION',
    description: 'how long one request may take (5 or 5s, 2m; default 0 = no limit of its own)',
  }),
};

/** What is read only where somebody asks for it. */
export const evidenceFlags = {
  logs: Flags.boolean({
    helpGroup: 'CLUSTER',
    description: "also look for refusals in the last hour of the logs of the platform's own components",
  }),
};

/** Files instead of a cluster. */
export const offlineFlags = {
  from: Flags.string({
    helpGroup: 'OFFLINE',
    helpValue: 'BUNDLE',
    description: 'support bundle instead of a cluster',
  }),
  filename: Flags.string({
    char: 'f',
    helpGroup: 'OFFLINE',
    helpValue: 'FILE',
    multiple: true,
    multipleNonGreedy: true,
    description: 'file or folder of manifests, or - for stdin, instead of a cluster (repeatable)',
  }),
  recursive: Flags.boolean({ char: 'R', helpGroup: 'OFFLINE', description: 'also the folders inside a folder' }),
  complete: Flags.boolean({
    helpGroup: 'OFFLINE',
    description: 'the files hold everything there is of the kinds in them (else files only prove presence)',
  }),
  'complete-all': Flags.boolean({
    helpGroup: 'OFFLINE',
    description: 'the files hold everything there is of every kind (also: --complete=all)',
  }),
};

export const runFlags = {
  quiet: Flags.boolean({ char: 'q', helpGroup: 'RUN', description: 'no progress' }),
  verbosity: Flags.integer({
    char: 'v',
    helpGroup: 'RUN',
    default: 0,
    min: 0,
    helpValue: 'N',
    description: '2: a line per listing, 6: a line per request, 8: headers without credentials (of a cluster)',
  }),
  timeout: Flags.string({
    helpGroup: 'RUN',
    default: '60s',
    helpValue: 'DURATION',
    description: 'limit of the whole run; what was read until then is judged',
  }),
  concurrency: Flags.integer({ helpGroup: 'RUN', default: 16, min: 1, max: 64, description: 'requests in flight' }),
};
