import { isRecord, sameJson } from '../kubernetes/json-value.ts';
import type { ResourceType } from './resource-types.ts';
import { invalid, invalidValue, required, type Cause } from './status.ts';
import { child, text, type Wire } from './wire.ts';

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
  `alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`;
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end " +
  `with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`;

/** Types whose names are DNS labels; RBAC allows every path segment, everybody else takes subdomains. */
const LABEL_NAMES = ['namespaces', 'services'];
const RBAC_GROUP = 'rbac.authorization.k8s.io';

/**
 * The validations that our recordings and our users meet: names, the data of pull secrets, what cannot change
 * (k8s.io/apimachinery/pkg/util/validation, pkg/apis/core/validation, pkg/apis/rbac/validation).
 *
 * @throws StatusError 422 with every cause
 */
export function validate(type: ResourceType, object: Wire, before?: Wire): void {
  const causes = [
    ...nameCauses(type, object.metadata.name),
    ...(type.group === '' && type.resource === 'secrets' ? secretCauses(object, before) : []),
    ...(type.group === RBAC_GROUP && before ? roleRefCauses(object, before) : []),
  ];
  if (causes.length > 0) throw invalid(type, object.metadata.name, causes);
}

function nameCauses(type: ResourceType, name: string): readonly Cause[] {
  const at = 'metadata.name';
  if (name === '') return [required(at, 'name or generateName is required')];
  const value = JSON.stringify(name);
  if (type.group === RBAC_GROUP) {
    const bad = ['/', '%'].filter((character) => name.includes(character));
    return bad.map((character) => invalidValue(at, value, `may not contain '${character}'`));
  }
  const [pattern, rule, limit] = LABEL_NAMES.includes(type.resource)
    ? [LABEL, LABEL_RULE, 63]
    : [SUBDOMAIN, SUBDOMAIN_RULE, 253];
  return [
    ...(name.length > limit ? [invalidValue(at, value, `must be no more than ${limit} characters`)] : []),
    ...(new RegExp(`^${pattern}$`).test(name) ? [] : [invalidValue(at, value, rule)]),
  ];
}

const PULL_SECRETS: Readonly<Record<string, string>> = {
  'kubernetes.io/dockerconfigjson': '.dockerconfigjson',
  'kubernetes.io/dockercfg': '.dockercfg',
};

function secretCauses(secret: Wire, before: Wire | undefined): readonly Cause[] {
  const type = text(secret, 'type');
  const causes: Cause[] = [];
  if (before && text(before, 'type') !== type)
    causes.push(invalidValue('type', JSON.stringify(type), 'field is immutable'));
  if (before?.immutable === true && !sameJson(before.data, secret.data))
    causes.push({
      reason: 'FieldValueForbidden',
      message: 'Forbidden: field is immutable when `immutable` is set',
      field: 'data',
    });
  const key = PULL_SECRETS[type];
  if (key === undefined) return causes;
  const data = child(secret, 'data')[key];
  if (typeof data !== 'string') return [...causes, required(`data[${key}]`)];
  const error = goJsonError(Buffer.from(data, 'base64').toString('utf8'));
  return error ? [...causes, invalidValue(`data[${key}]`, '"<secret contents redacted>"', error)] : causes;
}

/** What Go's encoding/json says of text that is no object: exact for literals and first characters. */
function goJsonError(json: string): string | undefined {
  try {
    if (isRecord(JSON.parse(json))) return undefined;
    return 'json: cannot unmarshal into Go value of type map[string]interface {}';
  } catch {
    const trimmed = json.trimStart();
    const literal = { n: 'null', t: 'true', f: 'false' }[trimmed.charAt(0)];
    if (literal === undefined) return syntaxError(trimmed);
    const at = literal.split('').findIndex((character, index) => trimmed.charAt(index) !== character);
    const found = trimmed.charAt(at);
    if (at < 0 || found === '') return 'unexpected end of JSON input';
    return `invalid character '${found}' in literal ${literal} (expecting '${literal.charAt(at)}')`;
  }
}

function syntaxError(trimmed: string): string {
  const first = trimmed.charAt(0);
  if (first === '') return 'unexpected end of JSON input';
  return '{["-0123456789'.includes(first)
    ? 'unexpected end of JSON input'
    : `invalid character '${first}' looking for beginning of value`;
}

function roleRefCauses(object: Wire, before: Wire): readonly Cause[] {
  const roleRef = child(object, 'roleRef');
  if (sameJson(roleRef, child(before, 'roleRef'))) return [];
  const value = { APIGroup: text(roleRef, 'apiGroup'), Kind: text(roleRef, 'kind'), Name: text(roleRef, 'name') };
  return [invalidValue('roleRef', JSON.stringify(value), 'cannot change roleRef')];
}
