import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const eslint = new ESLint({ cwd: new URL('../../', import.meta.url).pathname });

/** Messages of the dependency rule for a line of code in a file of the given folder. */
async function violations(file: string, code: string): Promise<string[]> {
  const config = (await eslint.calculateConfigForFile(file)) as { rules: Record<string, unknown> };
  const rule = config.rules['no-restricted-imports'];
  const only = new ESLint({
    overrideConfigFile: true,
    overrideConfig: { files: ['**/*.js'], rules: { 'no-restricted-imports': rule as never } },
  });
  const [result] = await only.lintText(`${code}\n`, { filePath: 'src/probe.js' });
  return (result?.messages ?? []).map(({ message }) => message);
}

describe('the dependency rule', () => {
  it.each([
    ['src/checks/a.ts', "import '../cluster/transport.ts'", 'src/checks imports only itself'],
    ['src/audit/a.ts', "import '../checks/index.ts'", 'src/audit imports only itself'],
    ['src/model/a.ts', "import '../kubernetes/rbac.ts'", 'src/model imports only itself'],
    ['src/kubernetes/a.ts', "import '../platforms/crewai.ts'", 'src/kubernetes imports only itself'],
    ['src/cluster/a.ts', "import 'yaml'", 'yaml belongs to src/manifests'],
    ['src/commands/shared/a.ts', "import 'p-limit'", 'p-limit belongs to src/cluster'],
    ['src/reporters/a.ts', "import '@oclif/core'", '@oclif/core belongs to src/commands'],
    ['src/checks/a.ts', "import 'node:fs'", 'computes and does no I/O'],
    ['src/reporters/a.ts', "import 'fs/promises'", 'computes and does no I/O'],
    ['src/kubernetes/a.ts', "import 'node:crypto'", 'computes and does no I/O'],
    ['src/remediation/a.ts', "import 'node:https'", 'computes and does no I/O'],
    ['src/remediation/a.ts', "import '../cluster/writer.ts'", 'src/remediation imports only itself'],
    ['src/audit/a.ts', "import '../remediation/plan.ts'", 'src/audit imports only itself'],
    ['src/bundle/redaction/a.ts', "import '../../cluster/writer.ts'", 'src/bundle imports only itself'],
    ['src/bundle/a.ts', "import { seal } from './redaction/redacted.ts'", 'Only the redactor'],
    ['src/commands/a.ts', "import { seal } from '../bundle/redaction/redacted.ts'", 'Only the redactor'],
  ])('refuses in %s: %s', async (file, code, reason) => {
    expect((await violations(file, code)).join()).toContain(reason);
  });

  it.each([
    ['src/checks/a.ts', "import '../model/check.ts'; import '../kubernetes/rbac.ts'; import './drafting.ts'"],
    ['src/kubernetes/a.ts', "import '../model/kinds.ts'; import 'node:zlib'"],
    ['src/audit/a.ts', "import 'node:crypto'"],
    ['src/remediation/a.ts', "import 'node:fs'; import 'node:crypto'; import '../model/fix.ts'"],
    ['src/cluster/a.ts', "import 'node:https'; import 'hpagent'"],
    ['src/commands/doctor.ts', "import '../checks/index.ts'; import '../audit/report.ts'; import '@oclif/core'"],
    ['src/manifests/a.ts', "import 'yaml'; import 'node:fs'"],
    ['src/bundle/a.ts', "import { join } from './redaction/redacted.ts'"],
    ['src/bundle/redaction/a.ts', "import { seal } from './redacted.ts'; import '../../kubernetes/base64.ts'"],
  ])('allows in %s: %s', async (file, code) => {
    expect(await violations(file, code)).toEqual([]);
  });
});
