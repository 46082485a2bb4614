import type { AccessDocument } from '../model/access-document.ts';
import type { RenderOptions } from '../model/report.ts';
import { accessFrame, type AccessDrawing } from './access-frame.ts';
import { matrixLines } from './access-matrix.ts';
import { whoLines } from './access-who.ts';
import { whyLines } from './access-why.ts';
import { cleanDeep } from './clean-report.ts';
import { networkLines } from './network.ts';
import { createPaint } from './paint.ts';

export type AccessReporter = (document: AccessDocument, options: RenderOptions) => string;

/** The answer as one JSON document: schemas/access.schema.json. Display options play no part. */
const json: AccessReporter = (document) => `${JSON.stringify(cleanDeep(document), null, 2)}\n`;

/** The answer for people. */
const table: AccessReporter = (source, given) => {
  // In ASCII an ellipsis takes three columns.
  const options = given.ascii ? { ...given, width: given.width - 2 } : given;
  const document = cleanDeep(source) as AccessDocument;
  const drawing: AccessDrawing = { document, options, paint: createPaint(options.color) };
  return accessFrame(bodyOf(document, drawing), drawing);
};

function bodyOf(document: AccessDocument, drawing: AccessDrawing): readonly string[] {
  switch (document.view) {
    case 'matrix':
      return matrixLines(document.matrix, drawing);
    case 'why':
      return whyLines(document.why, drawing);
    case 'who':
      return whoLines(document.who, drawing);
    case 'network':
      return networkLines(document.network, drawing);
  }
}

/** The function that turns an answer into text; `yaml` needs one that writes a JSON value as YAML. */
export function createAccessReporter(
  ...format: readonly ['table' | 'json'] | readonly ['yaml', (value: unknown) => string]
): AccessReporter {
  if (format[0] === 'yaml') {
    const [, stringify] = format;
    return (document) => stringify(cleanDeep(document));
  }
  return format[0] === 'json' ? json : table;
}
