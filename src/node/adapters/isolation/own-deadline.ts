/**
 * A deadline for work of the calling thread. Nobody else could end an endless loop here: V8 can, from a thread of its own,
 * also in the middle of a kernel.
 */

import { type Context, createContext, Script } from "node:vm";

/** The call takes a tenth of a millisecond: worth it around many megabytes. */
export class OwnDeadline {
  readonly #context: Context = createContext({ work: undefined });
  readonly #script = new Script("work()");

  /** Throws an Error with the code `ERR_SCRIPT_EXECUTION_TIMEOUT` in the middle of work that takes longer. */
  run<Result>(deadlineMs: number, work: () => Result): Result {
    this.#context.work = work;
    return this.#script.runInContext(this.#context, { timeout: deadlineMs }) as Result;
  }
}
