import { gzipSync } from 'node:zlib';
import { configMap, customResource, podWith } from './redacting.ts';

/** A place in an object where a value is secret whatever it looks like; `exactly` one marker stands for it there. */
export type Place = readonly [name: string, object: (value: string) => unknown];

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const meta = { name: 'x', namespace: 'crewai-org-4' };
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

const environment = (name: string) => (value: string) => podWith({ env: [{ name, value }] });
const template = (apiVersion: string, kind: string) => (value: string) => ({
  apiVersion,
  kind,
  metadata: meta,
  spec: { template: { spec: { containers: [{ name: 'c', env: [{ name: 'DB_PASSWORD', value }] }] } } },
});
const annotated =
  (key: string, kind = 'Service') =>
  (value: string) => ({
    apiVersion: kind === 'Ingress' ? 'networking.k8s.io/v1' : 'v1',
    kind,
    metadata: { ...meta, annotations: { [key]: value } },
  });
const nested = (value: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: meta, stringData: { value } });

/** Places by structure and by name. */
export const PLACES: readonly Place[] = [
  ...[
    'OPENAI_API_KEY',
    'SECRET_KEY_BASE',
    'DB_PASS',
    'GITHUB_TOKEN',
    'LICENSE_ID',
    'JWT_SIGNING_KEY',
    'DATABASE_DSN',
  ].map((name): Place => [`env ${name}`, environment(name)]),
  ...[
    'APP_PASSPHRASE',
    'SESSION_COOKIE',
    'HMAC',
    'SLACK_WEBHOOK_URL',
    'CONNECTION_STRING',
    'MASTER_KEY',
    'dbpassword',
  ].map((name): Place => [`env ${name}`, environment(name)]),
  [
    'env of an init container',
    (value) => ({ ...podWith({}), spec: { initContainers: [{ name: 'i', env: [{ name: 'API_TOKEN', value }] }] } }),
  ],
  [
    'env of an ephemeral container',
    (value) => ({ ...podWith({}), spec: { ephemeralContainers: [{ name: 'i', env: [{ name: 'PASSWORD', value }] }] } }),
  ],
  ['Deployment', template('apps/v1', 'Deployment')],
  ['StatefulSet', template('apps/v1', 'StatefulSet')],
  ['DaemonSet', template('apps/v1', 'DaemonSet')],
  ['ReplicaSet', template('apps/v1', 'ReplicaSet')],
  ['Job', template('batch/v1', 'Job')],
  [
    'CronJob',
    (value) => ({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: meta,
      spec: {
        jobTemplate: {
          spec: { template: { spec: { containers: [{ name: 'c', env: [{ name: 'PASSWORD', value }] }] } } },
        },
      },
    }),
  ],
  ['argument after its flag', (value) => podWith({ args: ['--verbose', '--api-key', value, '--port=80'] })],
  ['command after its flag', (value) => podWith({ command: ['server', '--db-password', value] })],
  ['exec probe', (value) => podWith({ readinessProbe: { exec: { command: ['check', '--token', value] } } })],
  ['lifecycle', (value) => podWith({ lifecycle: { preStop: { exec: { command: ['stop', '--secret', value] } } } })],
  ['probe header', (value) => podWith({ livenessProbe: { httpGet: { httpHeaders: [{ name: 'X-Api-Key', value }] } } })],
  [
    'CSI attributes',
    (value) => ({
      ...podWith({}),
      spec: { volumes: [{ name: 'v', csi: { volumeAttributes: { storageSecret: value } } }] },
    }),
  ],
  [
    'flex options',
    (value) => ({ ...podWith({}), spec: { volumes: [{ name: 'v', flexVolume: { options: { password: value } } }] } }),
  ],
  ['Secret data', (value) => ({ apiVersion: 'v1', kind: 'Secret', metadata: meta, data: { anything: base64(value) } })],
  ['Secret stringData', nested],
  ['Secret in a List', (value) => ({ apiVersion: 'v1', kind: 'List', items: [nested(value)] })],
  [
    'Secret in a SecretList',
    (value) => ({ apiVersion: 'v1', kind: 'SecretList', items: [{ metadata: meta, data: { x: base64(value) } }] }),
  ],
  ['Secret without a kind', (value) => [{ metadata: meta, type: 'Opaque', data: { x: base64(value) } }]],
  ['ConfigMap entry', (value) => configMap({ ADMIN_PASSWORD: value })],
  ['ConfigMap binary', (value) => ({ ...configMap({}), binaryData: { blob: base64(value) } })],
  ['ConfigMap JSON', (value) => configMap({ 'app.json': JSON.stringify({ db: { password: value } }) })],
  ['ConfigMap JSON list', (value) => configMap({ 'app.json': JSON.stringify({ tokens: [value] }) })],
  [
    'ConfigMap JSON in JSON',
    (value) => configMap({ 'app.json': JSON.stringify({ inner: JSON.stringify({ apiKey: value }) }) }),
  ],
  ['last-applied', (value) => annotated(LAST_APPLIED)(JSON.stringify(nested(value)))],
  ['OpenShift token annotation', annotated('openshift.io/token-secret.value')],
  ['annotation under a name', annotated('example.org/password')],
  ['Ingress annotation', annotated('nginx.ingress.kubernetes.io/auth-secret-value', 'Ingress')],
  [
    'PersistentVolume',
    (value) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: meta,
      spec: { csi: { volumeAttributes: { accountKey: value } } },
    }),
  ],
  [
    'StorageClass',
    (value) => ({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: meta,
      parameters: { restuserkey: 'x', password: value },
    }),
  ],
  [
    'HelmRelease values',
    (value) => ({
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      metadata: meta,
      spec: { values: { db: { password: value } } },
    }),
  ],
  [
    'Kustomization substitute',
    (value) => ({
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: meta,
      spec: { postBuild: { substitute: { api_key: value } } },
    }),
  ],
  [
    'Provider address',
    (value) => ({
      apiVersion: 'notification.toolkit.fluxcd.io/v1beta3',
      kind: 'Provider',
      metadata: meta,
      spec: { address: value },
    }),
  ],
  [
    'Provider proxy',
    (value) => ({
      apiVersion: 'notification.toolkit.fluxcd.io/v1beta3',
      kind: 'Provider',
      metadata: meta,
      spec: { proxy: value },
    }),
  ],
  [
    'Receiver path',
    (value) => ({
      apiVersion: 'notification.toolkit.fluxcd.io/v1',
      kind: 'Receiver',
      metadata: meta,
      status: { webhookPath: value },
    }),
  ],
  [
    'ExternalSecret template',
    (value) => ({
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      metadata: meta,
      spec: { target: { template: { data: { any: value } } } },
    }),
  ],
  [
    'SealedSecret',
    (value) => ({
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecret',
      metadata: meta,
      spec: { encryptedData: { any: base64(value) } },
    }),
  ],
  [
    'kubeconfig token',
    (value) =>
      configMap({ config: JSON.stringify({ kind: 'Config', users: [{ name: 'u', user: { token: value } }] }) }),
  ],
  [
    'kubeconfig key',
    (value) => configMap({ config: JSON.stringify({ users: [{ user: { 'client-key-data': base64(value) } }] }) }),
  ],
  [
    'kubeconfig exec',
    (value) =>
      configMap({ config: JSON.stringify({ users: [{ user: { exec: { env: [{ name: 'PASSWORD', value }] } } }] }) }),
  ],
  [
    'kubeconfig auth provider',
    (value) =>
      configMap({
        config: JSON.stringify({ users: [{ user: { 'auth-provider': { config: { 'refresh-token': value } } } }] }),
      }),
  ],
  [
    'docker config auth',
    (value) => configMap({ x: JSON.stringify({ auths: { 'images.crewai.com': { auth: base64(`u:${value}`) } } }) }),
  ],
  [
    'docker config password',
    (value) => configMap({ x: JSON.stringify({ auths: { 'images.crewai.com': { password: value } } }) }),
  ],
  [
    'docker config token',
    (value) => configMap({ x: JSON.stringify({ auths: { 'images.crewai.com': { identitytoken: value } } }) }),
  ],
  [
    'docker config in base64',
    (value) => configMap({ x: base64(JSON.stringify({ auths: { h: { registrytoken: value } } })) }),
  ],
  [
    'CRD default',
    (value) => ({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'w.example.org' },
      spec: {
        versions: [{ schema: { openAPIV3Schema: { properties: { password: { type: 'string', default: value } } } } }],
      },
    }),
  ],
  ['CR password', (value) => customResource({ auth: { password: value } })],
  ['CR list', (value) => customResource({ apiKeys: ['', value] })],
  ['CR inner value', (value) => customResource({ clientSecret: { value } })],
  ['CR containers', (value) => customResource({ pods: [{ containers: [{ env: [{ name: 'TOKEN', value }] }] }] })],
  ['CR pair by key', (value) => customResource({ settings: [{ key: 'api_key', value }] })],
  ['CR arguments', (value) => customResource({ run: ['--password', value] })],
];

/** A place in text, and the value there as it is. */
export type Line = readonly [name: string, line: (value: string) => string];

const json = (value: unknown): string => JSON.stringify(value);
const stamp = '2026-11-20T10:06:33.123456789Z ';

/** Places in a log or a file by the name beside them; values are plain tokens here. */
export const LINES: readonly Line[] = [
  ['dotenv', (value) => `DB_PASSWORD=${value}`],
  ['dotenv, quoted', (value) => `DB_PASSWORD="${value}"`],
  ['export', (value) => `export API_TOKEN='${value}'`],
  ['properties', (value) => `spring.datasource.password = ${value}`],
  ['INI with blanks', (value) => `password = ${value} and more`],
  ['YAML', (value) => `  password: ${value}`],
  ['YAML, quoted', (value) => `    apiKey: "${value}"`],
  ['YAML block', (value) => `token: |\n  ${value}\nnext: 1`],
  ['YAML folded', (value) => `secret: >-\n    ${value}\nnext: 1`],
  ['YAML below', (value) => `password:\n  ${value}\nnext: 1`],
  ['YAML list', (value) => `passwords:\n- ${value}\nnext: 1`],
  ['YAML environment', (value) => `- name: DB_PASSWORD\n  value: ${value}\n- name: NEXT`],
  ['YAML environment, turned', (value) => `- value: ${value}\n  name: DB_PASSWORD\n- name: NEXT`],
  ['YAML arguments', (value) => `args:\n- --api-key\n- ${value}\n- --verbose`],
  ['YAML Secret', (value) => `apiVersion: v1\ndata:\n  any: ${base64(value)}\nkind: Secret\nmetadata:\n  name: x`],
  [
    'YAML Secret in a list',
    (value) => `items:\n- apiVersion: v1\n  kind: Secret\n  data:\n    any: ${base64(value)}\nkind: List`,
  ],
  ['YAML stringData', (value) => `kind: Secret\nstringData:\n  any: ${value}\n`],
  [
    'YAML last-applied',
    (value) => `    kubectl.kubernetes.io/last-applied-configuration: |\n      {"any":"${value}"}\n    next: 1`,
  ],
  ['JSON', (value) => json({ level: 'info', password: value })],
  ['JSON, deep', (value) => json({ a: [{ b: { client_secret: value } }] })],
  ['JSON, escaped', (value) => json({ msg: json({ apiKey: value }) })],
  ['JSON, escaped twice', (value) => json({ msg: json({ msg: json({ token: value }) }) })],
  ['JSON list', (value) => json({ passwords: ['', value] })],
  ['JSON environment', (value) => json({ env: [{ name: 'DB_PASSWORD', value }] })],
  ['JSON environment, escaped', (value) => json({ msg: json({ name: 'DB_PASSWORD', value }) })],
  ['JSON environment, turned', (value) => json({ env: [{ value, name: 'DB_PASSWORD' }] })],
  [
    'JSON Secret, escaped',
    (value) => json({ msg: json({ apiVersion: 'v1', data: { any: base64(value) }, kind: 'Secret' }) }),
  ],
  ['JSON arguments', (value) => json({ cmd: ['run', '--password', value] })],
  ['JSON with line breaks', (value) => json({ msg: `settings:\napi_key: ${value}\nnext: 1` })],
  ['JSON with an ampersand of Go', (value) => `{"url":"https://h/x?a=1\\u0026api_key=${value}\\u0026b=2"}`],
  ['logfmt', (value) => `level=info token=${value} caller=a.go:1`],
  ['Python', (value) => `{'user': 'u', 'password': '${value}'}`],
  ['Ruby', (value) => `{:user=>"u", :api_key=>"${value}"}`],
  ['Go', (value) => `&{User:u Password:${value} Host:h}`],
  ['Go map', (value) => `map[host:h password:${value}]`],
  ['XML', (value) => `<login><password>${value}</password></login>`],
  ['XML attribute', (value) => `<add key="password" value="${value}" />`],
  ['flag', (value) => `run --api-key ${value} --verbose`],
  ['flag with =', (value) => `run --client-secret=${value}`],
  ['Java property', (value) => `java -Ddb.password=${value} -jar a.jar`],
  ['before a command', (value) => `PGPASSWORD=${value} pg_dump -h db`],
  ['build argument', (value) => `buildctl build --opt build-arg:NPM_TOKEN=${value} --progress plain`],
  ['curl -u', (value) => `curl -sS -u deploy:${value} https://h/x`],
  ['mysql -p', (value) => `mysql -h db -uroot -p${value} app`],
  ['redis', (value) => `redis-server --requirepass ${value}`],
  ['redis-cli', (value) => `redis-cli -h r -a ${value} ping`],
  ['docker login', (value) => `docker login images.crewai.com -u x -p ${value}`],
  ['SQL', (value) => `CREATE USER app WITH PASSWORD '${value}'`],
  ['SQL of MySQL', (value) => `CREATE USER app IDENTIFIED BY '${value}'`],
  ['bearer', (value) => `Authorization: Bearer ${value}`],
  ['bearer in JSON', (value) => json({ headers: { Authorization: `Bearer ${value}` } })],
  ['basic', (value) => `authorization: Basic ${base64(`u:${value}`)}`],
  ['basic, bare', (value) => `proxy_set_header X "Basic ${base64(`u:${value}`)}";`],
  ['bearer, bare', (value) => `sent bearer ${value} to h`],
  ['API key header', (value) => `> X-Api-Key: ${value}`],
  ['cookie', (value) => `Cookie: theme=${value}; lang=${value}`],
  ['set-cookie', (value) => `< Set-Cookie: sid=${value}; Path=/; HttpOnly`],
  ['URL', (value) => `dial postgres://app:${value}@db:5432/app`],
  ['URL with odd password', (value) => `dial amqp://u:a/${value}#?:@mq:5672//`],
  ['URL with a token', (value) => `clone https://${value}@github.com/x/y`],
  ['query', (value) => `GET /x?a=1&access_token=${value}&b=2`],
  ['signed query', (value) => `GET https://b/k?sig=${value}&se=1`],
  ['data source name', (value) => `open app:${value}@tcp(db:3306)/app`],
  ['connection string', (value) => `Server=h;Pwd=${value};Database=d`],
  ['libpq', (value) => `host=h user=u password=${value} dbname=d`],
  ['JDBC', (value) => `jdbc:postgresql://h/d?user=u&password=${value}&ssl=true`],
  ['storage account', (value) => `AccountName=a;AccountKey=${value}==;EndpointSuffix=core`],
  ['prose', (value) => `the API key: ${value} is wrong`],
  ['base64 of an assignment', (value) => `run ${base64(`export DB_PASSWORD=${value}\n`)} done`],
  ['gzip in base64', (value) => `run ${gzipSync(`export DB_PASSWORD=${value}\n`).toString('base64')} done`],
  ['base64 of base64', (value) => `run ${base64(base64(`{"password":"${value}"}`))} done`],
  ['percent', (value) => `GET /login?next=${encodeURIComponent(`https://u:${value}@h/x`)} 302`],
  ['PEM', (value) => `-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE${value}\n${value}==\n-----END EC PRIVATE KEY-----`],
  [
    'PEM, timestamps',
    (value) =>
      `-----BEGIN PRIVATE KEY-----\n${stamp}MHcCAQEE${value}\n${stamp}${value}==\n${stamp}-----END PRIVATE KEY-----`,
  ],
  [
    'PEM, indented',
    (value) => `key:\n    -----BEGIN PRIVATE KEY-----\n    MHcCAQEE${value}\n    -----END PRIVATE KEY-----`,
  ],
  [
    'PEM, escaped',
    (value) => json({ msg: `-----BEGIN PRIVATE KEY-----\nMHcCAQEE${value}\n-----END PRIVATE KEY-----\n` }),
  ],
  [
    'PEM, escaped twice',
    (value) => json({ msg: json({ k: `-----BEGIN PRIVATE KEY-----\nMHc${value}\n-----END PRIVATE KEY-----` }) }),
  ],
  ['PEM without its end', (value) => `-----BEGIN PRIVATE KEY-----\nMHcCAQEE${value}\n${value}\nnext line of the log`],
  ['PEM without its beginning', (value) => `MHcCAQEE${value.repeat(3)}\n${value}==\n-----END PRIVATE KEY-----`],
  ['value over lines', (value) => `PRIVATE="1"\nPASSWORD="first\n${value}\nlast"\nNEXT=1`],
  ['value over lines with timestamps', (value) => `PASSWORD="first\n${stamp}${value}\n${stamp}last"\n${stamp}NEXT=1`],
  ['shell quotes', (value) => `PASSWORD='it'\\''s${value}'`],
  ['with separators', (value) => `password=a,b;c${value}&d e`],
  ['colours', (value) => `\u001b[32mpassword\u001b[0m=${value}`],
];
