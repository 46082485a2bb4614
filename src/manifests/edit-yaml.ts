import { isMap, parseDocument } from 'yaml';
import { parseYaml } from './yaml.ts';

/**
 * A YAML text with one value set; comments, order and everything else stay as they are.
 * @param path keys of maps from the top; missing maps are made
 * @throws YamlError where the text is no YAML, TypeError where something on the path is no map
 */
export function setInYaml(text: string, path: readonly string[], value: unknown): string {
  // Reports what is wrong with line and column, and without quoting the text.
  parseYaml(text);
  const document = parseDocument(text, { keepSourceTokens: true });
  for (let depth = 0; depth < path.length; depth += 1) {
    const parent = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (parent !== null && parent !== undefined && !isMap(parent) && !isNothing(parent))
      throw new TypeError(`${depth === 0 ? 'the file' : path.slice(0, depth).join('.')} is not a map`);
    if (isNothing(parent) && depth > 0) document.setIn(path.slice(0, depth), document.createNode({}));
  }
  document.setIn(path, document.createNode(value));
  return document.toString({ lineWidth: 0 });
}

/** `key:` without a value. */
function isNothing(node: unknown): boolean {
  return typeof node === 'object' && node !== null && 'value' in node && node.value === null;
}
