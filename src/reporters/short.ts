import { qualifiedName } from '../model/object.ts';
import type { Finding } from '../model/finding.ts';
import type { Report, Reporter } from '../model/report.ts';
import { brokenChecks, factsOf, isAtLeast, verdictOf } from './counts.ts';
import { checkNames, gapCauses } from './gap-lines.ts';
import { someOf, toAscii } from './layout.ts';
import { createPaint, letterOf } from './paint.ts';
import { soundReport } from './sound-report.ts';

/** For chat: the verdict with versions in the first line, then one line per finding and per thing that was not seen. */
export const short: Reporter = (source, options) => {
  const report = soundReport(source);
  const paint = createPaint(options.color);
  const findings = report.findings.filter(({ severity }) => isAtLeast(severity, options.minSeverity));
  const lines = [
    ...(options.headers ? [headerOf(report)] : []),
    ...findings.map(
      (finding) => paint.severity(finding.severity, letterOf(finding.severity)) + lineOf(finding, report),
    ),
    ...brokenChecks(report).map(({ id, reason }) => `! ${id} errored${reason === undefined ? '' : `: ${reason}`}`),
    ...gapCauses(report).map((cause) => {
      const where = cause.namespaces.length > 0 ? ` in ${someOf(cause.namespaces, 60)}` : '';
      const what = `${someOf(cause.resources, 60)} ${cause.reason}${where}`;
      return `? ${someOf(checkNames(cause), 80)} NOT EVALUATED: ${what}`;
    }),
  ];
  const text = lines.map((line) => `${line}\n`).join('');
  return options.ascii ? toAscii(text) : text;
};

function headerOf(report: Report): string {
  const { platforms, origin } = report.target;
  const names = platforms.map(({ id, version, platformNamespace }) =>
    [id, version, platformNamespace && `in ${platformNamespace}`].filter(Boolean).join(' '),
  );
  const where = [
    ...names,
    origin.context ? `context ${origin.context}` : '',
    origin.kubernetes ? `Kubernetes ${origin.kubernetes}` : '',
    `kubectl-crewiso ${report.tool.version}`,
    `exit ${report.exit.code}`,
  ].filter((part) => part !== '');
  return `${verdictOf(report)}  ${factsOf(report).join('; ')} | ${where.join(', ')}`;
}

function lineOf(finding: Finding, report: Report): string {
  const { check, object, tenant, location, cause } = finding;
  const origin = report.findings.find(({ id }) => id === cause);
  const name = object.namespace === tenant?.namespace ? object.name : qualifiedName(object);
  return [
    '',
    check,
    ...(tenant ? [tenant.namespace] : []),
    `${object.kind}/${name}`,
    ...(object.absent ? ['absent'] : []),
    ...(location ? [`${location.file}:${location.line}`] : []),
    ...(origin ? [`because of ${origin.check}`] : []),
  ].join(' ');
}
