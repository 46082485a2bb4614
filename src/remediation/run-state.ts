import { EXIT } from '../model/error.ts';
import type { Finding } from '../model/finding.ts';
import type { RunResult, StepOutcome, Verification } from '../model/run.ts';
import type { Preparing } from './prepare.ts';
import type { RunInput, RunPorts } from './run.ts';

/** How far a run has come. */
export class RunState {
  readonly input: RunInput;
  readonly ports: RunPorts;
  readonly outcomes: StepOutcome[] = [];
  readonly verifications: Verification[] = [];
  regressed: readonly Finding[] = [];
  stopped: string | undefined;
  rehearsed = 0;

  constructor(input: RunInput, ports: RunPorts) {
    this.input = input;
    this.ports = ports;
  }

  context(): Preparing {
    return { writer: this.ports.writer, run: this.input.run, now: this.ports.now(), known: new Map() };
  }

  refused(why: readonly string[], stale: boolean): RunResult {
    return { ...this.result(), refused: { why, stale }, exit: stale ? EXIT.notFixed : EXIT.refused };
  }

  result(): RunResult {
    const { outcomes, verifications, regressed, stopped, rehearsed } = this;
    const interrupted = this.ports.signal.aborted;
    const failed = stopped !== undefined || verifications.some(({ result }) => result !== 'fixed');
    return {
      outcomes,
      verifications,
      regressed,
      ...(stopped === undefined ? {} : { stopped }),
      interrupted,
      rehearsed,
      writes: this.ports.writer.writes(),
      exit: interrupted ? EXIT.interrupted : failed ? EXIT.notFixed : EXIT.ok,
    };
  }
}
