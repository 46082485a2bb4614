import { describe, it } from 'vitest';
import { OUTPUT_FORMATS } from '../../src/commands/shared/flags.ts';
import { parseYamlDocuments } from '../../src/manifests/yaml.ts';
import { brokenPlatform } from '../fixtures/broken.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { crewiso, withServer } from './program.ts';

/** Clears the screen, rings, sets the title, turns text around, hides itself, starts a line that looks like ours. */
const NASTY =
  '\u001b[2J\u001b]0;owned\u0007\u202egnirts\u2066\u200b\u009b31m\r\nHEALTHY  all is well\u2028exit 0\u0000';

// eslint-disable-next-line no-control-regex -- what must not come out
const RAW = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

/** The broken platform with nasty text in every string that somebody inside of a tenant can choose. */
function hostile(): RawObject[] {
  return brokenPlatform().map((object) => {
    const { kind, metadata, message } = object;
    if (kind === 'Event') return { ...object, message: `${String(message)} ${NASTY}`, reason: `Failed${NASTY}` };
    if (kind === 'Deployment' || kind === 'Pod' || kind === 'Service') {
      const labels = { ...metadata.labels, note: NASTY, [`x${NASTY}`]: 'y' };
      return { ...object, metadata: { ...metadata, labels, annotations: { note: NASTY } } };
    }
    if (kind === 'RoleBinding' && metadata.namespace === 'crewai-org-7') {
      return { ...object, subjects: [{ kind: 'ServiceAccount', name: `crewai-sa${NASTY}`, namespace: NASTY }] };
    }
    return object;
  });
}

const nastyNames: RawObject[] = [
  {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: `crewai-org-5${NASTY}`, uid: 'n1' },
    status: { phase: 'Active' },
  },
  {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: `crewai-org-05\u202e`, uid: 'n2' },
    status: { phase: 'Active' },
  },
];

describe.concurrent('text of the cluster reaches no terminal as it is', () => {
  it.for(OUTPUT_FORMATS)('%s', async (format, { expect }) => {
    const { code, stdout, stderr } = await withServer(
      { objects: [...hostile(), ...nastyNames], version: `v1.34.1${NASTY}` },
      (_, flags) => crewiso(['doctor', ...flags, '-o', format, '--show', 'all', '-w', '-v', '6']),
    );
    expect(code).toBe(1);
    expect(RAW.exec(stdout)?.[0]).toBeUndefined();
    expect(RAW.exec(stderr)?.[0]).toBeUndefined();
    expect(stdout.split('\n').filter((line) => /^HEALTHY|^exit 0/.test(line))).toEqual([]);
    if (format === 'json') {
      // Nor after decoding, in whatever reads the document.
      JSON.parse(stdout, (key, value: unknown) => {
        if (typeof value === 'string') expect(RAW.test(value) || RAW.test(key)).toBe(false);
        return value;
      });
    }
    if (format === 'yaml') expect(parseYamlDocuments(stdout).map(({ error }) => error)).toEqual([undefined]);
  });

  it('in a message of the API server', async ({ expect }) => {
    const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 401, message: `go away ${NASTY}` };
    const { code, stdout, stderr } = await withServer({ faults: () => ({ status: 401, body }) }, (_, flags) =>
      crewiso(['doctor', ...flags]),
    );
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(RAW.exec(stderr)?.[0]).toBeUndefined();
    expect(stderr).toContain('go away');
  });

  it('in a Warning header', async ({ expect }) => {
    const { stderr } = await withServer(
      {
        objects: brokenPlatform(),
        faults: ({ path }) =>
          path.includes('/pods') ? { headers: { warning: '299 - "careful \u009b31m\\u001b[31m"' } } : undefined,
      },
      (_, flags) => crewiso(['doctor', ...flags, '-o', 'short']),
    );
    expect(stderr).toContain('careful');
    expect(RAW.exec(stderr)?.[0]).toBeUndefined();
  });
});
