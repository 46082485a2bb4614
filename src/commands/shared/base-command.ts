import { Command, type Interfaces } from '@oclif/core';
import { normalizeArguments } from './arguments.ts';

export type FlagsOf<T extends typeof Command> = Interfaces.InferredFlags<T['flags']>;
export type ArgsOf<T extends typeof Command> = Interfaces.InferredArgs<T['args']>;

/** Every command parses before it runs: one that did not would accept unknown flags silently. */
export abstract class BaseCommand<T extends typeof Command> extends Command {
  protected flags!: FlagsOf<T>;
  protected args!: ArgsOf<T>;
  private readonly controller = new AbortController();
  private stopListening: (() => void) | undefined;

  override async init(): Promise<void> {
    await super.init();
    // oclif leaves both undefined in a command that declares none.
    const { flags: declared = {}, args: positional = {}, strict } = this.ctor as Partial<typeof Command>;
    const { flags, args } = await this.parse(
      { flags: declared, args: positional, ...(strict === undefined ? {} : { strict }) },
      normalizeArguments(this.argv, declared),
    );
    this.flags = flags as FlagsOf<T>;
    this.args = args as ArgsOf<T>;
  }

  /** Aborts on the first SIGINT or SIGTERM; a second one ends the process at once, as the system's default does. */
  protected interruptible(): AbortSignal {
    if (this.stopListening) return this.controller.signal;
    const abort = (): void => {
      this.stopListening?.();
      this.controller.abort(new Error('interrupted'));
    };
    process.once('SIGINT', abort);
    process.once('SIGTERM', abort);
    this.stopListening = () => {
      process.removeListener('SIGINT', abort);
      process.removeListener('SIGTERM', abort);
    };
    return this.controller.signal;
  }

  /** Errors are reported by main(), in one place and one form. */
  protected override catch(error: Error): Promise<never> {
    return Promise.reject(error);
  }

  protected override finally(error: Error | undefined): Promise<unknown> {
    this.stopListening?.();
    return super.finally(error);
  }
}
