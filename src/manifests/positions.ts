/** Lines and columns (UTF-16 units) count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface LineIndex {
  positionOf(offset: number): Position;
}

/** Turns offsets in a text into lines and columns; the text is searched when the first one is asked for. */
export function createLineIndex(text: string): LineIndex {
  let starts: number[] | undefined;
  return {
    positionOf(offset) {
      starts ??= lineStarts(text);
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if ((starts[middle] ?? 0) <= offset) low = middle;
        else high = middle - 1;
      }
      return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
    },
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return starts;
}
