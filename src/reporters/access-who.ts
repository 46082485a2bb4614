import type { AccessWho, Standing, WhoGrant, WhoHolder } from '../model/access-document.ts';
import { count } from '../model/text.ts';
import { compactNames, field, pathText, type AccessDrawing } from './access-frame.ts';
import { wrap } from './layout.ts';

const TITLES: Readonly<Record<Standing, string>> = {
  outside: 'OUTSIDE   accounts of other namespaces, users, groups',
  platform: "PLATFORM  the platform's own account",
  system: 'SYSTEM    Kubernetes itself',
  tenant: 'TENANT    accounts of the namespace itself',
};
const ORDER: readonly Standing[] = ['outside', 'platform', 'system', 'tenant'];
const MAX_HOLDERS = 40;

/** Who may, by where they belong; everybody's bindings and namespaces. */
export function whoLines(who: AccessWho, drawing: AccessDrawing): readonly string[] {
  const { options, paint } = drawing;
  const { width, wide } = options;
  const groups = ORDER.map(
    (standing) => [standing, who.holders.filter((holder) => holder.standing === standing)] as const,
  );
  return [
    ...field('WHO MAY', `${askedText(who)} ${whereText(who, wide)}`, width),
    ...groups
      .filter(([standing, holders]) => holders.length > 0 || (standing === 'outside' && who.outsideOnly))
      .flatMap(([standing, holders]) => {
        const shown = wide ? holders : holders.slice(0, MAX_HOLDERS);
        const title = holders.length === 0 ? 'OUTSIDE   nobody' : TITLES[standing];
        return [
          '',
          standing === 'outside' && holders.length > 0 ? paint.warn(title) : paint.strong(title),
          ...shown.flatMap((holder) => holderLines(holder, who, drawing)),
          ...(holders.length > shown.length
            ? [`  … ${String(holders.length - shown.length)} more (-w shows them)`]
            : []),
        ];
      }),
    ...(who.holders.length === 0 && !who.outsideOnly ? ['', 'nobody through RBAC'] : []),
    '',
    ...who.notes.flatMap((note) => field('note', note, width)),
  ];
}

function askedText({ question }: AccessWho): string {
  if ('path' in question) return `${question.verb} ${question.path}`;
  const { verb, group, resource, subresource, name } = question;
  const plural = group === '' ? resource : `${resource}.${group}`;
  const what = subresource === undefined ? plural : `${plural}/${subresource}`;
  return [verb, what, ...(name === undefined ? [] : [`named ${name}`])].join(' ');
}

function whereText({ namespaces }: AccessWho, wide: boolean): string {
  if (namespaces.length === 0) return 'at the cluster scope';
  const names = compactNames(namespaces, wide ? Infinity : 50);
  return namespaces.length === 1 ? `in ${names}` : `in ${count(namespaces.length, 'namespace')}: ${names}`;
}

function holderLines(
  { subject, members, grants }: WhoHolder,
  who: AccessWho,
  { options }: AccessDrawing,
): readonly string[] {
  const { width, wide } = options;
  const head = members === undefined ? subject : `${subject} = ${members}`;
  return [
    ...wrap(head, width, '  ', '    '),
    ...grants.flatMap((grant) => wrap(`${placeText(grant, who, wide)}: ${pathText(grant)}`, width, '    ', '      ')),
  ];
}

function placeText({ namespaces }: WhoGrant, who: AccessWho, wide: boolean): string {
  if (!namespaces) return who.namespaces.length === 0 ? 'cluster' : 'everywhere';
  if (namespaces.length > 1 && namespaces.length === who.namespaces.length) return `all ${String(namespaces.length)}`;
  return compactNames(namespaces, wide ? Infinity : 50);
}
