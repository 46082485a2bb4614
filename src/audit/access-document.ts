import { EXIT } from '../model/error.ts';
import type {
  AccessDocument,
  AccessHead,
  AccessMatrix,
  AccessWho,
  AccessWhy,
  NetworkMatrix,
} from '../model/access-document.ts';
import type { Platform } from '../model/platform.ts';
import type { Gap, Snapshot } from '../model/snapshot.ts';
import { cleanMessage, count } from '../model/text.ts';
import { describePlatform, originOf } from './target.ts';

export interface AccessRun {
  readonly snapshot: Snapshot;
  readonly platform: Platform | undefined;
  readonly identity?: { readonly user: string; readonly groups: readonly string[]; readonly impersonated: boolean };
  readonly version: string;
  readonly run: AccessHead['run'];
  readonly gaps: readonly Gap[];
}

type Exit = Pick<AccessHead['exit'], 'code' | 'reasons'> & { readonly incomplete?: boolean };

export function matrixDocument(run: AccessRun, matrix: AccessMatrix): AccessDocument {
  return { ...headOf(run, matrixExit(run, matrix)), view: 'matrix', matrix };
}

export function whyDocument(run: AccessRun, why: AccessWhy): AccessDocument {
  return { ...headOf(run, whyExit(run, why)), view: 'why', why };
}

export function whoDocument(run: AccessRun, who: AccessWho): AccessDocument {
  return { ...headOf(run, incompleteExit(run)), view: 'who', who };
}

export function networkDocument(run: AccessRun, network: NetworkMatrix): AccessDocument {
  return { ...headOf(run, networkExit(run, network)), view: 'network', network };
}

const INTERRUPTED: Exit = {
  code: EXIT.interrupted,
  incomplete: true,
  reasons: ['interrupted before everything was read'],
};

/** 130 interrupted · 1 a needed right is missing · 3 something could not be seen · 0. */
function matrixExit(run: AccessRun, { rows, account }: AccessMatrix): Exit {
  if (account === undefined) {
    const reason = run.platform ? "the platform's account is not known" : 'no platform was recognised';
    return run.run.interrupted ? INTERRUPTED : { code: EXIT.incomplete, reasons: [reason] };
  }
  const lacking = rows.filter(({ needed, missing }) => needed && missing.length > 0);
  const places = lacking.reduce((sum, { namespaces }) => sum + namespaces.length, 0);
  const rest = incompleteExit(run);
  if (places === 0 || rest.code === EXIT.interrupted) return rest;
  return {
    code: EXIT.findings,
    incomplete: rest.code !== EXIT.ok,
    reasons: [`rights are missing in ${count(places, 'namespace')}`, ...rest.reasons],
  };
}

/** 130 interrupted · 3 something could not be seen, or no platform was recognised · 0: who reaches whom is no fault by itself. */
function networkExit(run: AccessRun, { crossTenant }: NetworkMatrix): Exit {
  if (!run.platform && !run.run.interrupted) return { code: EXIT.incomplete, reasons: ['no platform was recognised'] };
  const rest = incompleteExit(run);
  if (rest.code !== EXIT.ok || crossTenant.unknown === 0) return rest;
  return { code: EXIT.incomplete, reasons: [`${count(crossTenant.unknown, 'pair')} of tenants could not be judged`] };
}

function whyExit({ run }: AccessRun, { answer }: AccessWhy): Exit {
  if (run.interrupted) return INTERRUPTED;
  if (answer === 'allowed') return { code: EXIT.ok, reasons: ['allowed'] };
  return answer === 'denied'
    ? { code: EXIT.findings, reasons: ['denied'] }
    : { code: EXIT.incomplete, reasons: ['what could not be seen may allow it'] };
}

function incompleteExit({ run, gaps }: AccessRun): Exit {
  if (run.interrupted) return INTERRUPTED;
  if (gaps.length === 0) return { code: EXIT.ok, reasons: [] };
  return { code: EXIT.incomplete, reasons: ['something could not be seen'] };
}

function headOf({ snapshot, platform, identity, version, run, gaps }: AccessRun, exit: Exit): AccessHead {
  const { code, reasons, incomplete } = exit;
  return {
    apiVersion: 'crewiso/v1',
    kind: 'Access',
    tool: { name: 'kubectl-crewiso', version },
    run,
    target: {
      origin: originOf(snapshot),
      ...(identity
        ? {
            identity: { username: identity.user, groups: identity.groups, impersonated: identity.impersonated },
          }
        : {}),
      platforms: platform ? [describePlatform(platform)] : [],
    },
    gaps: gaps.map((gap) => ({ ...gap, detail: cleanMessage(gap.detail) })),
    exit: { code, incomplete: incomplete ?? code === EXIT.incomplete, reasons },
  };
}
