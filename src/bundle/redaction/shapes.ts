import type { Rule } from './rules.ts';

/**
 * A credential known by its shape: where one of `keywords` stands, `pattern` (sticky) is tried `back` characters before
 * it. Only group 1 is secret if there is one, and it must then be at the end. `word`: no letter, digit or _ may precede.
 */
export interface Shape {
  readonly rule: Rule;
  readonly keywords: readonly string[];
  readonly pattern: RegExp;
  readonly back?: number;
  readonly word?: boolean;
}

const word = true;
const DIGITS = Array.from({ length: 16 }, (_, digit) => digit.toString(16));

/** Minimum lengths are shorter than the issuers' own: a cut token is still most of a token. Quantifiers are bounded. */
export const SHAPES: readonly Shape[] = [
  {
    rule: 'aws-key-id',
    keywords: ['a3t', 'akia', 'asia', 'abia', 'acca'],
    pattern: /(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9_])/y,
    word,
  },
  {
    rule: 'aws-secret',
    keywords: ['akia', 'asia'],
    pattern: /(?:AKIA|ASIA)[A-Z2-7]{16}[,:;|\s"'\\]{1,8}([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])/y,
    word,
  },
  { rule: 'gcp', keywords: ['aiza'], pattern: /AIza[\w-]{35}/y, word },
  { rule: 'gcp', keywords: ['ya29.'], pattern: /ya29\.[\w-]{20,2048}/y, word },
  { rule: 'gcp', keywords: ['gocspx-'], pattern: /GOCSPX-[\w-]{20,64}/y, word },
  {
    rule: 'azure',
    keywords: DIGITS.slice(0, 10).map((digit) => `${digit}q~`),
    pattern: /[\w~.]{3}\dQ~[\w~.-]{31,34}/y,
    back: 3,
  },
  {
    rule: 'github',
    keywords: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'],
    pattern: /gh[pousr]_[0-9A-Za-z]{36,255}/y,
    word,
  },
  { rule: 'github', keywords: ['github_pat_'], pattern: /github_pat_\w{60,255}/y, word },
  {
    rule: 'gitlab',
    keywords: ['pat', 'dt', 'ptt', 'rt', 'cbt', 'ft', 'ffct', 'imt', 'agent', 'oas', 'soat'].map(
      (kind) => `gl${kind}-`,
    ),
    pattern: /gl(?:pat|dt|ptt|rt|cbt|ft|ffct|imt|agent|oas|soat)-[\w.-]{20,255}/y,
    word,
  },
  { rule: 'gitlab', keywords: ['gr1348941'], pattern: /GR1348941[\w-]{20,64}/y, word },
  { rule: 'slack', keywords: ['xox'], pattern: /xox[abeoprs]-[\w-]{10,255}/y, word },
  { rule: 'slack', keywords: ['xapp-'], pattern: /xapp-\d-[\w-]{10,255}/y, word },
  {
    rule: 'stripe',
    keywords: ['sk_test_', 'sk_live_', 'sk_prod_', 'rk_test_', 'rk_live_', 'rk_prod_'],
    pattern: /[sr]k_(?:test|live|prod)_[0-9A-Za-z]{10,255}/y,
    word,
  },
  { rule: 'stripe', keywords: ['whsec_'], pattern: /whsec_[\w+/=]{16,255}/y, word },
  { rule: 'openai', keywords: ['sk-'], pattern: /sk-(?!ant-)(?:proj-|svcacct-|admin-)?[\w-]{20,512}/y, word },
  { rule: 'anthropic', keywords: ['sk-ant-'], pattern: /sk-ant-[\w-]{20,512}/y, word },
  { rule: 'huggingface', keywords: ['hf_', 'api_org_'], pattern: /(?:hf|api_org)_[A-Za-z0-9]{30,255}/y, word },
  ...otherAi(),
  ...platformTokens(),
  {
    rule: 'webhook-url',
    keywords: ['hooks.slack.com/'],
    pattern: /hooks\.slack\.com\/(?:services|workflows|triggers)\/([^\s"'`\\<>]{8,512})/iy,
  },
  {
    rule: 'webhook-url',
    keywords: ['.webhook.office.com/webhookb2/'],
    pattern: /\.webhook\.office\.com\/webhookb2\/([^\s"'`\\<>]{8,512})/iy,
  },
  {
    rule: 'webhook-url',
    keywords: ['discord.com/api/webhooks/', 'discordapp.com/api/webhooks/'],
    pattern: /discord(?:app)?\.com\/api\/webhooks\/(\d{1,32}\/[^\s"'`\\<>]{8,512})/iy,
  },
  { rule: 'auth-header', keywords: ['bearer '], pattern: /bearer +([\w.~+/=:-]{16,8192})/iy, word },
  {
    rule: 'crypt',
    keywords: ['$1$', '$2a$', '$2b$', '$2x$', '$2y$', '$5$', '$6$', '$y$', '$apr1$', '$argon2'],
    pattern: /\$(?:1|2[abxy]|5|6|y|apr1|argon2(?:id|i|d))\$[./A-Za-z0-9$=,+-]{20,512}/y,
  },
];

function otherAi(): readonly Shape[] {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['gsk_', /gsk_\w{40,255}/y],
    ['pplx-', /pplx-\w{40,255}/y],
    ['lsv2_', /lsv2_(?:pt|sk)_[a-z0-9_]{30,255}/y],
    ['dapi', /dapi[a-f0-9]{32}/y],
    ['r8_', /r8_\w{30,255}/y],
    ['tvly-', /tvly-[\w-]{20,255}/y],
    ['xai-', /xai-[A-Za-z0-9]{60,255}/y],
    ['nvapi-', /nvapi-[\w-]{40,255}/y],
  ];
  return rows.map(([keyword, pattern]) => ({ rule: 'other-ai', keywords: [keyword], pattern, word }));
}

function platformTokens(): readonly Shape[] {
  const rows: readonly (readonly [string | readonly string[], RegExp])[] = [
    ['npm_', /npm_[A-Za-z0-9]{36,255}/y],
    ['pypi-ageichlwas5vcmc', /pypi-AgEIcHlwaS5vcmc[\w-]{20,512}/y],
    ['sg.', /SG\.[\w=.-]{60,255}/y],
    [['hvs.', 'hvb.'], /hv[sb]\.[\w-]{24,512}/y],
    ['dp.pt.', /dp\.pt\.\w{40,255}/y],
    [['dop_v1_', 'doo_v1_', 'dor_v1_'], /do[opr]_v1_[a-f0-9]{64}/y],
    ['glsa_', /glsa_\w{32,255}/y],
    ['glc_', /glc_[\w+/=]{32,512}/y],
    ['lin_api_', /lin_api_[A-Za-z0-9]{32,255}/y],
    ['ntn_', /ntn_[A-Za-z0-9]{40,255}/y],
    ['ops_eyj', /ops_eyJ[\w-]{100,4096}/y],
    [['sntrys_', 'sntryu_'], /sntry[su]_[\w+/=-]{40,512}/y],
    ['nrak-', /NRAK-[A-Z0-9]{20,255}/y],
    [DIGITS.map((digit) => `sk${digit}`), /SK[0-9a-f]{32}(?![0-9a-f])/y],
    ['sha256~', /sha256~[\w-]{43}/y],
    ['age-secret-key-1', /AGE-SECRET-KEY-1[A-Z0-9]{50,64}/y],
    ['dckr_pat_', /dckr_pat_[\w-]{20,255}/y],
  ];
  return rows.map(([keywords, pattern]) => ({
    rule: 'platform-token',
    keywords: typeof keywords === 'string' ? [keywords] : keywords,
    pattern,
    word,
  }));
}
