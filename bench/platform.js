// A large, healthy CrewAI Platform whose objects are as large as an API server sends them: the fixture of the tests,
// dressed with what kubectl, controllers, admission and the kubelet add (defaults, status, managedFields).
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** @param {{ orgs: number, crewsPerOrg: number }} size three pods per crew */
export async function largePlatform({ orgs, crewsPerOrg }) {
  const { crewaiPlatform } = await importTypeScript(new URL('../test/fixtures/crewai.ts', import.meta.url));
  const ids = Array.from({ length: orgs }, (_, index) => index + 1);
  const objects = crewaiPlatform({ orgs: ids, crewsPerOrg });
  const namespaces = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  return [...objects, ...namespaces.map(rootCertificate), ...namespaces.flatMap(recentEvents)].map(dressed);
}

/** The fixtures are TypeScript with types only: what is left without them runs. */
async function importTypeScript(url) {
  const typescript = createRequire(import.meta.url)('typescript');
  const { outputText } = typescript.transpileModule(readFileSync(url, 'utf8'), {
    compilerOptions: { module: typescript.ModuleKind.ESNext, target: typescript.ScriptTarget.ES2023 },
  });
  const folder = mkdtempSync(join(tmpdir(), 'crewiso-bench-'));
  try {
    const file = join(folder, 'fixture.mjs');
    writeFileSync(file, outputText);
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const TIME = '2026-11-20T08:12:45Z';

/** Every namespace has one. */
function rootCertificate(namespace) {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kube-root-ca.crt', namespace, creationTimestamp: TIME },
    data: {
      'ca.crt': `-----BEGIN CERTIFICATE-----\n${'MIIDBTCCAe2gAwIBAgIIdXm8'.repeat(45)}\n-----END CERTIFICATE-----\n`,
    },
  };
}

/** The last hour of a crew that was rolled out: three Events. */
function recentEvents(namespace) {
  return ['Scheduled', 'Pulled', 'Started'].map((reason) => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `crew-web.${hex(`${namespace}${reason}`, 16)}`, namespace, creationTimestamp: TIME },
    involvedObject: {
      kind: 'Pod',
      namespace,
      name: 'crew-web',
      uid: uuid(namespace),
      apiVersion: 'v1',
      resourceVersion: '9',
    },
    reason,
    message: `${reason} container main of image "images.crewai.com/proxy/crewai/crewai/crew:2.0.1" on machine`,
    source: { component: 'kubelet', host: 'ip-10-20-30-40.eu-central-1.compute.internal' },
    firstTimestamp: TIME,
    lastTimestamp: TIME,
    count: 1,
    type: 'Normal',
    eventTime: null,
    reportingComponent: 'kubelet',
    reportingInstance: 'ip-10-20-30-40.eu-central-1.compute.internal',
  }));
}

function dressed(object) {
  const { metadata } = object;
  const owners = metadata.ownerReferences?.map((owner) => ({ ...owner, uid: uuid(owner.uid) }));
  const full = {
    ...object,
    metadata: { ...metadata, uid: uuid(metadata.uid ?? `${object.kind}/${metadata.namespace}/${metadata.name}`) },
  };
  if (owners) full.metadata.ownerReferences = owners;
  if (object.kind === 'Pod') Object.assign(full, { spec: podSpec(object), status: podStatus(object) });
  if (full.spec?.template)
    full.spec = { ...full.spec, template: { ...full.spec.template, spec: templateSpec(full.spec.template.spec) } };
  full.metadata.managedFields = managedFields(full);
  return full;
}

const ENV = [
  ...['CREW_ID', 'ORG_ID', 'LOG_LEVEL', 'PYTHONUNBUFFERED', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'PLATFORM_URL'].map(
    (name) => ({
      name,
      value: `value-of-${name.toLowerCase()}`,
    }),
  ),
  ...['OPENAI_API_KEY', 'DATABASE_URL', 'CELERY_BROKER_URL', 'CREWAI_PLUS_TOKEN'].map((name) => ({
    name,
    valueFrom: { secretKeyRef: { name: 'crew-environment', key: name, optional: true } },
  })),
  { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
];

function container(given) {
  const probe = {
    httpGet: { path: '/health', port: 8000, scheme: 'HTTP' },
    timeoutSeconds: 5,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  };
  return {
    ...given,
    env: [...(given.env ?? []), ...ENV],
    ports: [{ name: 'http', containerPort: 8000, protocol: 'TCP' }],
    resources: { limits: { cpu: '1', memory: '2Gi' }, requests: { cpu: '100m', memory: '512Mi' } },
    livenessProbe: probe,
    readinessProbe: probe,
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
    securityContext: { capabilities: { drop: ['ALL'] }, runAsNonRoot: true, allowPrivilegeEscalation: false },
  };
}

function templateSpec(spec) {
  return {
    ...spec,
    containers: spec.containers.map(container),
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: { fsGroup: 1000 },
    schedulerName: 'default-scheduler',
  };
}

function podSpec({ spec }) {
  const token = {
    name: 'kube-api-access-x7k2p',
    projected: {
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
    },
  };
  const full = templateSpec(spec);
  const mounts = [{ name: token.name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }];
  const evict = (key) => ({
    key: `node.kubernetes.io/${key}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  });
  return {
    ...full,
    volumes: [token],
    containers: full.containers.map((item) => ({ ...item, volumeMounts: mounts })),
    serviceAccount: spec.serviceAccountName,
    nodeName: 'ip-10-20-30-40.eu-central-1.compute.internal',
    tolerations: [evict('not-ready'), evict('unreachable')],
    priority: 0,
    enableServiceLinks: true,
    preemptionPolicy: 'PreemptLowerPriority',
  };
}

function podStatus({ status, metadata }) {
  const digest = hex(status.containerStatuses[0].image, 64);
  return {
    ...status,
    conditions: ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(
      (type) => ({
        type,
        status: 'True',
        lastProbeTime: null,
        lastTransitionTime: TIME,
      }),
    ),
    hostIP: '10.20.30.40',
    hostIPs: [{ ip: '10.20.30.40' }],
    podIP: '10.20.31.77',
    podIPs: [{ ip: '10.20.31.77' }],
    qosClass: 'Burstable',
    containerStatuses: status.containerStatuses.map((item) => ({
      ...item,
      imageID: `${item.image.replace(/:[^:]*$/, '')}@sha256:${digest}`,
      containerID: `containerd://${hex(`${metadata.namespace}/${metadata.name}`, 64)}`,
    })),
  };
}

/** One manager for what the object says, one for its status, as servers since 1.18 keep them. */
function managedFields({ metadata, apiVersion, kind, status, ...content }) {
  const { labels, annotations, ownerReferences } = metadata;
  const entry = (manager, fields, more = {}) => ({
    manager,
    operation: 'Update',
    apiVersion,
    time: TIME,
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
    ...more,
  });
  const main = entry(
    kind === 'Pod' || kind === 'ReplicaSet' ? 'kube-controller-manager' : 'crewai-platform',
    fieldsOf({ metadata: { labels, annotations, ownerReferences }, ...content }),
  );
  return status ? [main, entry('kubelet', fieldsOf({ status }), { subresource: 'status' })] : [main];
}

function fieldsOf(value) {
  if (Array.isArray(value)) {
    return Object.fromEntries(
      value.map((item) => {
        const key = ['name', 'type', 'ip', 'uid', 'key'].find((field) => item?.[field] !== undefined);
        return key
          ? [`k:${JSON.stringify({ [key]: item[key] })}`, { '.': {}, ...fieldsOf(item) }]
          : [`v:${JSON.stringify(item)}`, {}];
      }),
    );
  }
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [`f:${key}`, fieldsOf(field)]));
}

const hex = (text, length) => createHash('sha256').update(text).digest('hex').slice(0, length);

function uuid(text) {
  const digits = hex(text, 32);
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `9${digits.slice(17, 20)}`,
    digits.slice(20),
  ].join('-');
}
