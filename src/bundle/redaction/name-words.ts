/** Segments that make a name one of a secret, whatever stands beside them. */
export const STRONG: ReadonlySet<string> = words(`
  password passwords passwd passphrase passphrases pass pwd pw secret secrets credential credentials creds
  apikey apikeys apitoken accesskey accesskeys secretkey secretkeys privatekey privatekeys authorization cookie cookies
  dsn jwt bearer hmac pepper otp totp connstr pgpassword dockerconfigjson dockercfg htpasswd netrc pgpass kubeconfig
  requirepass masterauth`);

/** Ends of segments written without a hump, such as `dbpassword`. */
export const STRONG_ENDINGS: readonly string[] = [
  ...words('password passwd passphrase apikey secretkey accesskey privatekey secret'),
];

/** Words that make a secret only where `KEYS` follows. */
export const BEFORE_KEY: ReadonlySet<string> = words(`
  api private access secret encryption signing master account storage shared auth app service ssh tls host deploy client
  session webhook license`);
export const KEYS: ReadonlySet<string> = words('key keys');

/** Other adjacent segments that together name a secret. */
export const PAIRS: ReadonlySet<string> = new Set([
  'license id',
  'key base',
  'webhook url',
  'connection string',
  'session id',
  'session secret',
  'session cookie',
]);

/** Segments that name a secret unless its value is a switch, a small number or a duration. */
export const WEAK: ReadonlySet<string> = words('token tokens auth sig signature salt session pat pin');

/** Last segments by which a name speaks about a secret instead of holding it. */
export const EXEMPT_LAST: ReadonlySet<string> = words(`
  file path dir name ref count size length limit ttl timeout expiry expiration seconds minutes days age enabled disabled
  required type method mode algorithm alg format version issuer audience scope scopes provider strategy policy header
  prefix parallelism`);

/** Last segments of names whose values are addresses: what is secret in an address, the rules for URLs know. */
export const ADDRESS_LAST: readonly string[] = ['url', 'uri', 'endpoint', 'host', 'port'];

/** Names that would be hidden by the rules above and are needed to understand a platform. Compared in upper case. */
export const KEPT_NAMES: ReadonlySet<string> = words(`
  MAX_TOKENS TOKEN_LIMIT CONTEXT_TOKENS PROMPT_TOKENS COMPLETION_TOKENS TOKENIZERS_PARALLELISM DATABASE_POOL_SIZE
  USER_SERVICE_SERVICE_HOST SECRET_NAME SSH_KNOWN_HOSTS CSRF_TRUSTED_ORIGINS K8S_NAMESPACE PROVIDER WATCH_NAMESPACE
  REQUIRE_WATCH_NAMESPACE`);
export const KEPT_SHAPES = /^(?:.*_MAX_TOKENS|TOKENIZER.*|.*_SERVICE_HOST|.*_SERVICE_PORT.*|.*_PORT_.*_TCP.*)$/;

/** Words that in prose stand before a colon without a secret behind it: `error looking up secret: not found`. */
export const PROSE: ReadonlySet<string> = words(`
  secret secrets credential credentials pass auth token tokens sig signature salt session pat pin key keys cookie cookies
  bearer jwt kubeconfig authorization password`);

/** What stands in a secret's place and says that there is none, or of which kind it is. */
export const VALUE_WORDS: ReadonlySet<string> = words(`
  null nil none undefined true false yes no on off enabled disabled required optional present absent missing usable
  helper-only undecodable unknown invalid valid set unset empty default basic bearer digest negotiate oauth oauth2 oidc
  ldap saml kerberos iam anonymous redacted hidden masked [] {} <nil> <none> <unset> <set> <redacted> <hidden>
  [redacted] ***`);

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
