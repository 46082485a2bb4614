import type { Reporter } from '../model/report.ts';
import { cleanDeep } from './clean-report.ts';
import { name } from './name.ts';
import { short } from './short.ts';
import { table } from './table.ts';

/** The report as one JSON document: schemas/report.schema.json. Display options play no part. */
const json: Reporter = (report) => `${JSON.stringify(cleanDeep(report), null, 2)}\n`;

/**
 * The function that turns a report into text. `yaml` needs a function that writes a JSON value as YAML: another folder
 * owns the package.
 */
export function createReporter(
  ...format: readonly ['table' | 'short' | 'json' | 'name'] | readonly ['yaml', (value: unknown) => string]
): Reporter {
  switch (format[0]) {
    case 'table':
      return table;
    case 'short':
      return short;
    case 'name':
      return name;
    case 'json':
      return json;
    case 'yaml': {
      const [, stringify] = format;
      return (report) => stringify(cleanDeep(report));
    }
  }
}
