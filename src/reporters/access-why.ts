import type { AccessWhy, GrantPath, NearPath } from '../model/access-document.ts';
import { count } from '../model/text.ts';
import { compactNames, field, type AccessDrawing } from './access-frame.ts';
import { INDENT, stepLines } from './layout.ts';

/** The decision and who says so, as whom, through what or what comes nearest, what was looked at, what to do. */
export function whyLines(why: AccessWhy, drawing: AccessDrawing): readonly string[] {
  const { options, paint } = drawing;
  const { width } = options;
  const brush = { allowed: paint.good, denied: paint.bad, unknown: paint.warn }[why.answer];
  const word = why.answer.toUpperCase();
  const [first = '', ...rest] = field(
    word,
    why.answer === 'unknown' ? why.because : `${why.because}; ${why.confidence}`,
    width,
  );
  const { identity, question } = why;
  return [
    brush(word) + first.slice(word.length),
    ...rest,
    ...field('asked', askedText(question), width),
    ...field(
      'acts as',
      [identity.user || 'anybody in', ...identity.groups].join(', ').replace('anybody in, ', 'anybody in '),
      width,
    ),
    ...(why.grant ? grantLines(why.grant, width) : []),
    ...why.near.flatMap((near, at) => field(at === 0 ? 'near' : '', nearText(near), width)),
    ...(why.elsewhere.length > 0
      ? field('elsewhere', `allowed in ${compactNames(why.elsewhere, options.wide ? Infinity : 60)}`, width)
      : []),
    ...field('looked', lookedText(why), width),
    ...why.notes.flatMap((note) => field('note', note, width)),
    ...fixLines(why.fix, drawing),
  ];
}

function askedText(question: AccessWhy['question']): string {
  if ('path' in question) return `${question.verb} ${question.path}`;
  const { verb, group, resource, subresource, name, namespace } = question;
  const plural = group === '' ? resource : `${resource}.${group}`;
  const what = subresource === undefined ? plural : `${plural}/${subresource}`;
  const where = namespace === undefined ? 'at the cluster scope' : `in ${namespace}`;
  return [verb, what, ...(name === undefined ? [] : [`named ${name}`]), where].join(' ');
}

const bindingText = ({ kind, name, namespace }: GrantPath | NearPath): string =>
  `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;

function grantLines(grant: GrantPath, width: number): readonly string[] {
  const from = grant.aggregatedFrom ?? [];
  return [
    ...field('through', `${grant.subject} <- ${bindingText(grant)} -> ${grant.role}`, width),
    ...field('rule', grant.rule, width),
    ...(from.length > 0
      ? field('', `which the role has from ${from.map((name) => `ClusterRole/${name}`).join(', ')}`, width)
      : []),
  ];
}

const nearText = (near: NearPath): string => `${bindingText(near)} -> ${near.role} ${near.text}`;

function lookedText({ looked, question }: AccessWhy): string {
  const { clusterRoleBindings, roleBindings, complete } = looked;
  const namespace = 'path' in question ? undefined : question.namespace;
  const parts = [
    count(clusterRoleBindings, 'ClusterRoleBinding'),
    ...(roleBindings === undefined ? [] : [`${count(roleBindings, 'RoleBinding')} in ${namespace ?? ''}`]),
  ];
  return `${parts.join(', ')} (${complete ? 'complete' : 'INCOMPLETE'})`;
}

/** One command stands behind the label; several, and advice, below it. */
function fixLines(steps: readonly string[], { options, paint }: AccessDrawing): readonly string[] {
  if (steps.length === 0) return [];
  const [first = '', ...rest] = stepLines(steps, options.width);
  return [`fix`.padEnd(INDENT.length) + first.slice(INDENT.length), ...rest].map(paint.command);
}
