import { Ansis } from 'ansis';
import type { Severity } from '../model/finding.ts';

export type Brush = (text: string) => string;

/** Colours are an addition: every meaning is also in the text. */
export interface Paint {
  readonly bad: Brush;
  readonly warn: Brush;
  readonly good: Brush;
  readonly strong: Brush;
  readonly quiet: Brush;
  readonly command: Brush;
  readonly severity: (severity: Severity, text: string) => string;
}

export function createPaint(color: boolean): Paint {
  const ansis = new Ansis(color ? 1 : 0);
  const bySeverity: Readonly<Record<Severity, Brush>> = {
    critical: ansis.red.bold,
    high: ansis.red,
    medium: ansis.yellow,
    low: ansis.blue,
    info: ansis.gray,
  };
  return {
    bad: ansis.red.bold,
    warn: ansis.yellow.bold,
    good: ansis.green.bold,
    strong: ansis.bold,
    quiet: ansis.gray,
    command: ansis.cyan,
    severity: (severity, text) => bySeverity[severity](text),
  };
}

/** One letter, so that a severity can be read without colour. */
export function letterOf(severity: Severity): string {
  return severity.charAt(0).toUpperCase();
}
