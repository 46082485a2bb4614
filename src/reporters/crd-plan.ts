import type { CrdPlanDocument } from '../kubernetes/crd-document.ts';
import type { RenderOptions } from '../model/report.ts';
import { cleanDeep } from './clean-report.ts';
import { asciiProse, fromTo, someOf, stepLines, wrap } from './layout.ts';
import { createPaint, type Paint } from './paint.ts';

type Step = CrdPlanDocument['steps'][number];

const WORDS = { nothing: 'NOTHING TO DO', ready: 'READY', blocked: 'BLOCKED', undecided: 'UNDECIDED' } as const;
const HANG = ' '.repeat(10);
const NAMED = 12;

/** The order of an upgrade, with the commands of each step, for people. */
export function crdPlanText(source: CrdPlanDocument, options: RenderOptions): string {
  const document = cleanDeep(source) as CrdPlanDocument;
  const paint = createPaint(options.color);
  const { width } = options;
  const { state, from, to, notes, exit } = document;
  const brush = state === 'blocked' ? paint.bad : state === 'undecided' ? paint.warn : paint.good;
  const word = WORDS[state];
  const [head = '', ...more] = fromTo(from, to, width, `${word}  `);
  const foot = wrap(exit.reason, width, `exit ${exit.code}    `, HANG);
  const blocks = [
    [
      head.replace(word, brush(word)),
      ...more,
      ...notes.flatMap(({ message }) => wrap(message, width, 'note      ', HANG)),
    ],
    ...document.steps.map((step) => planStep(step, options, paint)),
    document.rollBack.length > 0 ? [paint.strong('back out'), ...stepLines(document.rollBack, width)] : [],
    foot,
  ].filter((block) => block.length > 0);
  return asciiProse(`${blocks.map((block) => block.join('\n')).join('\n\n')}\n`, options.ascii);
}

function planStep(step: Step, { width }: RenderOptions, paint: Paint): readonly string[] {
  const marks = { ready: '', blocked: 'BLOCKED: ', undecided: 'UNDECIDED: ' };
  const number = `${step.step}`.padStart(2);
  const [title = '', ...rest] = wrap(`${marks[step.state]}${step.title}`, width, `${number}  `, '    ');
  const shown = someOf(step.objects.slice(0, NAMED), Infinity);
  const more = step.objects.length > NAMED ? ` … ${step.objects.length - NAMED} more` : '';
  return [
    (step.state === 'blocked' ? paint.bad : step.state === 'undecided' ? paint.warn : paint.strong)(title),
    ...rest,
    ...step.why.flatMap((why) => wrap(why, width, '    - ', '      ')),
    ...(step.objects.length > 0 ? wrap(shown + more, width, '    ', '      ') : []),
    ...stepLines(step.commands, width),
  ];
}
