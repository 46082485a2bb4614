import type { Question, ResourceQuestion } from './rbac-question.ts';

/** What somebody wants to know, in the words of a command line. */
export type Asked =
  | { readonly verb: string; readonly path: string }
  | {
      readonly verb: string;
      readonly group: string;
      readonly resource: string;
      readonly subresource?: string;
      /** Undefined where nobody knows. */
      readonly namespaced?: boolean;
      readonly name?: string;
      readonly namespace?: string;
    };

/** The question that the API server asks its authorizer when such a request arrives, and where that is not obvious. */
export interface AskedQuestion {
  readonly question: Question;
  readonly notes: readonly string[];
}

type AskedResource = Exclude<Asked, { path: string }>;

/** Verbs of requests for one Namespace: their URL is `/api/v1/namespaces/<name>`. */
const BY_NAME = new Set(['get', 'update', 'patch', 'delete']);

/**
 * Access reviews answer questions that no request asks: a cluster-scoped object in a namespace (a false yes), a
 * Namespace by name without its namespace (a false no), a create with a name (a false yes). Here the question is made
 * as the server makes it.
 * Source: k8s.io/apiserver/pkg/endpoints/request/requestinfo.go.
 */
export function askedQuestion(asked: Asked): AskedQuestion {
  if ('path' in asked) return { question: { verb: asked.verb, path: asked.path }, notes: [] };
  const named = withName(asked);
  const placed = withNamespace(named.asked);
  return { question: questionOf(placed.asked), notes: [...named.notes, ...placed.notes] };
}

interface Step {
  readonly asked: AskedResource;
  readonly notes: readonly string[];
}

/** A name that the request does not carry is left out: rules for one name then do not match. */
function withName(asked: AskedResource): Step {
  const { verb, name, subresource, ...rest } = asked;
  if (name === undefined) return { asked, notes: [] };
  if (verb === 'create' && subresource === undefined) {
    const note = `a create carries no name: asked without ${name}, as the request does (rules with resourceNames never allow a create)`;
    return { asked: { verb, ...rest }, notes: [note] };
  }
  if (verb === 'deletecollection') {
    const note = `deletecollection carries no name, not even with a field selector: asked without ${name}`;
    return { asked: { verb, ...rest, ...(subresource === undefined ? {} : { subresource }) }, notes: [note] };
  }
  if (verb === 'list' || verb === 'watch') {
    return { asked, notes: [`${verb} carries a name only with --field-selector metadata.name=${name}; asked so`] };
  }
  return { asked, notes: [] };
}

function withNamespace(asked: AskedResource): Step {
  if (asked.group === '' && asked.resource === 'namespaces') return ofNamespaces(asked);
  const { namespace, ...rest } = asked;
  if (asked.namespaced === false && namespace !== undefined) {
    return { asked: rest, notes: [`${asked.resource} are cluster-scoped: -n ${namespace} plays no part`] };
  }
  if (asked.namespaced === true && namespace === undefined) {
    return { asked, notes: ['no -n: asked for all namespaces at once'] };
  }
  return { asked, notes: [] };
}

/** The URL of one Namespace carries the namespace itself, so that RoleBindings in it count. */
function ofNamespaces(asked: AskedResource): Step {
  const { namespace, ...rest } = asked;
  const name = asked.name ?? (BY_NAME.has(asked.verb) ? namespace : undefined);
  if (name === undefined || asked.verb === 'list' || asked.verb === 'watch') {
    const ignored = namespace === undefined ? [] : [`namespaces are cluster-scoped: -n ${namespace} plays no part`];
    return { asked: rest, notes: ignored };
  }
  const other = namespace !== undefined && namespace !== name;
  return {
    asked: { ...rest, name, namespace: name },
    notes: other ? [`a request for Namespace ${name} is authorized in ${name}: -n ${namespace} plays no part`] : [],
  };
}

function questionOf(asked: AskedResource): ResourceQuestion {
  const { verb, group, resource, subresource, name, namespace } = asked;
  return {
    verb,
    group,
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}
