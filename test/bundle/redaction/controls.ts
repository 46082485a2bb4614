/** What must stay readable: a bundle without it is safe and worth nothing. */

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** Hex digits that look random and are the same in every run. */
function hex(length: number, seed: number): string {
  let state = seed * 2654435761 + 12345;
  return numbers(length)
    .map(() => ((state = (state * 1103515245 + 12345) % 2147483648) >> 16) % 16)
    .map((digit) => digit.toString(16))
    .join('');
}

const uuid = (seed: number): string => {
  const digits = hex(32, seed);
  return [8, 12, 16, 20].reduce((text, at, index) => `${text.slice(0, at + index)}-${text.slice(at + index)}`, digits);
};

/** Environment variables of models, platforms and controllers. */
export const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ...[
    'gpt-4o',
    'gpt-4o-mini',
    'claude-sonnet-4-20250514',
    'llama-3.1-70b-instruct',
    'text-embedding-3-large',
    'o3-mini',
  ].flatMap((model): (readonly [string, string])[] => [
    ['MODEL', model],
    ['OPENAI_MODEL_NAME', model],
    ['EMBEDDINGS_MODEL', `openai/${model}`],
  ]),
  ...numbers(40).map((index): readonly [string, string] => [`AGENT_${index}_MAX_TOKENS`, String(256 * (index + 1))]),
  ...numbers(40).map((index): readonly [string, string] => ['MAX_OUTPUT_TOKENS', String(1000 + index)]),
  ...['0.7', '0', '1', '0.25'].map((value): readonly [string, string] => ['TEMPERATURE', value]),
  ...['MAX_TOKENS', 'TOKEN_LIMIT', 'CONTEXT_TOKENS', 'PROMPT_TOKENS', 'COMPLETION_TOKENS'].map(
    (name): readonly [string, string] => [name, '1048576'],
  ),
  ...['true', 'false', 'enabled', '300', '15m', '1h30m'].flatMap((value): (readonly [string, string])[] => [
    ['AUTH', value],
    ['SESSION_TIMEOUT', value],
    ['TOKEN_TTL', value],
    ['JWT_EXPIRY', value],
    ['PASSWORD_MIN_LENGTH', value],
  ]),
  ['TOKENIZERS_PARALLELISM', 'false'],
  ['TOKENIZER', 'cl100k_base'],
  ['TOKENIZER_PATH', '/models/tokenizer.json'],
  ['MONKEY_PATCH', 'gevent'],
  ['PORTKEY_URL', 'https://api.portkey.ai/v1'],
  ['KEYCLOAK_REALM', 'crewai'],
  ['KEYBOARD_LAYOUT', 'us-international'],
  ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  ['PYTHONPATH', '/app/src'],
  ['HOSTNAME', 'org-4-crew-12-sales-web-6d7f5b8c9-x2x7p'],
  ['SECRET_NAME', 'docker-registry'],
  ['EXISTING_SECRET', 'crewai-db'],
  ['IMAGE_PULL_SECRETS', 'docker-registry'],
  ['PASSWORD_FILE', '/run/secrets/db/password'],
  ['SECRETS_DIR', '/etc/secrets'],
  ['AWS_REGION', 'eu-central-1'],
  ['AWS_WEB_IDENTITY_TOKEN_FILE', '/var/run/secrets/eks.amazonaws.com/serviceaccount/token'],
  ['AWS_ROLE_ARN', 'arn:aws:iam::123456789012:role/crewai'],
  ['AZURE_CLIENT_ID', uuid(1)],
  ['AZURE_TENANT_ID', uuid(2)],
  ['GOOGLE_APPLICATION_CREDENTIALS_PATH', '/var/secrets/google/key.json'],
  ['OAUTH_CLIENT_ID', '0oab8eb55Kb9jdMIr5d6'],
  ['OIDC_ISSUER', 'https://login.example.com/oauth2/default'],
  ['AUTH_PROVIDER', 'keycloak'],
  ['AUTHORIZATION_ENDPOINT', 'https://login.example.com/authorize'],
  ['TOKEN_ENDPOINT', 'https://login.example.com/oauth/token'],
  ['WEBHOOK_TIMEOUT', '30s'],
  ['SSH_KNOWN_HOSTS', 'github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl'],
  ['CSRF_TRUSTED_ORIGINS', 'https://app.example.com'],
  ['K8S_NAMESPACE', 'crewai'],
  ['PROVIDER', 'openai'],
  ['WATCH_NAMESPACE', 'crewai,crewai-org-1'],
  ['REQUIRE_WATCH_NAMESPACE', 'true'],
  ['CONTAINER_REGISTRY_HOSTNAME', 'images.crewai.com'],
  ['REDIS_URL', 'redis://redis:6379/0'],
  ['DATABASE_HOST', 'postgres.crewai.svc.cluster.local'],
  ['DATABASE_URL', 'postgres://db:5432/app?sslmode=require'],
  ['BROKER_URL', 'redis://:$(REDIS_PASSWORD)@redis:6379/0'],
  ['DB_PASSWORD', '$(POSTGRES_PASSWORD)'],
  ['API_KEY', '${OPENAI_API_KEY}'],
  ['HTTP_PROXY', 'http://proxy.corp:3128'],
  ['NO_PROXY', 'localhost,127.0.0.1,.svc,.cluster.local,10.0.0.0/8'],
  ['LOG_FORMAT', '%(asctime)s %(levelname)s %(name)s %(message)s'],
  ['JAVA_OPTS', '-Xmx2g -XX:+UseG1GC -Dfile.encoding=UTF-8'],
  ['KUBERNETES_PORT_443_TCP', 'tcp://10.96.0.1:443'],
  ['SECRET_STORE_SERVICE_HOST', '10.96.3.4'],
  ['SECRET_STORE_PORT_8080_TCP_ADDR', '10.96.3.4'],
  ['AUTH_SERVICE_PORT', '8080'],
];

const IMAGES = [
  'nginx:1.27-alpine',
  'images.crewai.com/proxy/crewai/crewai/crewai-platform:1.14.2',
  'quay.io/external-secrets/external-secrets:v0.9.11',
  'bitnami/sealed-secrets-controller:0.27.1',
  'registry:5000/auth/token-server:2024.1',
  '123456789012.dkr.ecr.eu-central-1.amazonaws.com/crewai/secret-manager:4.5.6',
  'ghcr.io/org/password-service:latest',
];

const SHAPES: readonly ((index: number) => string)[] = [
  (index) => `Pulled image "${IMAGES[index % IMAGES.length] ?? ''}@sha256:${hex(64, index)}" in 2.1s`,
  (index) =>
    `Successfully assigned crewai-org-${index}/org-${index}-crew-12-sales-web-${hex(9, index)} to ip-10-0-${index % 250}-7.ec2.internal`,
  (index) =>
    `imageID: docker-pullable://${(IMAGES[index % IMAGES.length] ?? '').replace(/:[^:/]*$/, '')}@sha256:${hex(64, index)}`,
  (index) => `containerID: containerd://${hex(64, index)} uid=${uuid(index)} resourceVersion=${1000 + index}`,
  (index) =>
    `I1120 10:06:33.${100000 + index}       1 trace.go:236] Trace[${index}]: "List" url:/api/v1/namespaces/crewai-org-${index}/pods (total time: 512ms)`,
  (index) =>
    `{"level":"info","ts":"2026-11-20T10:06:33Z","caller":"controller.go:${index}","msg":"reconciled","namespace":"crewai-org-${index}","duration":"1.2s","trace_id":"${hex(32, index)}"}`,
  (index) =>
    `{"usage":{"prompt_tokens":${1000 + index},"completion_tokens":${index},"total_tokens":${1000 + 2 * index}},"model":"gpt-4o"}`,
  (index) =>
    `10.0.${index % 250}.1 - - [20/Nov/2026:10:06:33 +0000] "GET /api/v1/crews/${index}?page=2&per_page=50 HTTP/1.1" 200 ${index * 7} "-" "kube-probe/1.36"`,
  (index) => `dial tcp 10.96.0.${index % 250}:5432: connect: connection refused (attempt ${index} of 30)`,
  (index) => `Readiness probe failed: Get "http://10.244.${index % 250}.7:8080/healthz": context deadline exceeded`,
  (index) => `secret "crewai-db-${index}" not found`,
  (index) => `MountVolume.SetUp failed for volume "token-${index}" : secret "token-${index}" not found`,
  () => "Error: couldn't find key password in Secret crewai/crewai-db",
  () => 'error looking up secret: not found',
  (index) => `Failed to pull image "images.crewai.com/crew:${index}": 401 Unauthorized`,
  (index) =>
    `secrets "docker-registry" is forbidden: User "system:serviceaccount:crewai:crewai-sa" cannot get resource "secrets" in API group "" in the namespace "crewai-org-${index}"`,
  (index) => `authentication required for user ${index}; authorization check passed for role editor`,
  (index) => `git checkout ${hex(40, index)} && go build -ldflags "-X main.commit=${hex(40, index)}"`,
  (index) => `at com.example.auth.TokenService.refresh(TokenService.java:${index})`,
  (index) => `  File "/usr/lib/python3.12/site-packages/keyring/backend.py", line ${index}, in get_credential`,
  (index) => `session opened: pid=${index} tokens_used=${index} key_count=${index} pattern=/v1/*`,
  (index) => `cache key: user:${index} hit ratio 0.93, primary key (id), partition_key=crew_${index}`,
  (index) => `ETag: W/"${hex(32, index)}" Content-Length: ${index} X-Request-Id: ${uuid(index)}`,
  (index) => `kubectl get secret docker-registry -n crewai-org-${index} -o jsonpath={.metadata.name}`,
  (index) => `https://github.com/crewAIInc/crewAI/blob/${hex(40, index)}/src/crewai/crew.py#L${index}`,
  (index) =>
    `npm warn deprecated @types/keyv@${index}.0.0; sha512-${Buffer.from(hex(64, index), 'hex').toString('base64')}==`,
  (index) => `Completed 200 OK in ${index}ms (Views: 0.3ms | ActiveRecord: 2.0ms | Allocations: ${index})`,
  (index) => `tokens: ${index} of 128000, sessions: ${index}, pins: 3, passes: 2`,
  (index) => `- name: http\n  containerPort: ${8000 + index}\n  protocol: TCP`,
  (index) =>
    `env:\n- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      key: password\n      name: crewai-db-${index}`,
  (index) =>
    `volumes:\n- name: kube-api-access-${index}\n  projected:\n    sources:\n    - serviceAccountToken:\n        expirationSeconds: 3607\n        path: token`,
  (index) => `imagePullSecrets:\n- name: docker-registry-${index}\nserviceAccountName: crewai-sa`,
  (index) => `{"secret":{"secretName":"crewai-db-${index}","defaultMode":420},"name":"secret"}`,
  (index) =>
    `--token-auth-file=/etc/x --authorization-mode=Node,RBAC --service-account-private-key-file=/etc/y --v=${index}`,
  (index) => `Created pod: org-${index}-crew-1-password-reset-web-${hex(5, index)}`,
  (index) => `host secret-store:8080 and auth-service:443 answered in ${index}ms`,
];

/** Lines of logs, events and manifests, 60 of each shape. */
export const TEXTS: readonly string[] = SHAPES.flatMap((shape) => numbers(60).map(shape));
