import type { Lack } from '../kubernetes/rule-lack.ts';
import { combinedResource, type Question } from '../kubernetes/rbac-question.ts';
import type { Subject } from '../model/kinds.ts';

/** `ServiceAccount crewai/crewai-sa`, with the namespace that a RoleBinding lends. */
export function subjectText({ kind, name, namespace = '' }: Subject, bindingNamespace: string | undefined): string {
  if (kind !== 'ServiceAccount') return `${kind} ${name}`;
  const where = namespace === '' ? (bindingNamespace ?? '(no namespace)') : namespace;
  return `ServiceAccount ${where}/${name}`;
}

const quotedGroup = (group: string): string => (group === '' ? 'core ("")' : group);

/** What a role that applies has instead of what was asked. */
export function lackText({ of, has, rule }: Lack, question: Question): string {
  switch (of) {
    case 'name':
      return `applies, but only to ${has.map((name) => `"${name}"`).join(', ')} (resourceNames)`;
    case 'verb':
      return `applies, but lacks the verb ${question.verb} (it has ${has.join(', ')})`;
    case 'group':
      return `applies, but for API group ${has.map(quotedGroup).join(', ')}, not ${quotedGroup('path' in question ? '' : question.group)}`;
    case 'resource':
      return `applies, but for ${has.join(', ')}, not ${'path' in question ? '' : combinedResource(question)}${resourceHint(has)}`;
    case 'url':
      return `applies, but for ${(has.length > 0 ? has : (rule.nonResourceURLs ?? [])).join(', ')}`;
  }
}

function resourceHint(has: readonly string[]): string {
  return has.some((name) => name.endsWith('/*'))
    ? ' (a rule for x/* matches nothing: subresources are named one by one)'
    : '';
}
