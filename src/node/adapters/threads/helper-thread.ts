/** A thread beside the calling one, for one task. It may be started before there is work, and may die at any time. */

import type { Worker } from "node:worker_threads";
import { ThreadDied } from "../isolation/thread-died.js";
import { monotonicMs } from "../process/clock.js";
import type { ThreadReply, ThreadRequest, ThreadStart } from "./protocol.js";
import { startHelper, type ThreadProgram } from "./thread-program.js";

/** How many times within its patience a helper is looked at. */
const LOOKS = 8;

export class HelperThread {
  readonly #worker: Worker;
  readonly #patienceMs: number;
  readonly #died: Promise<ThreadDied>;
  #hasHung = false;

  constructor(program: ThreadProgram, start: ThreadStart) {
    this.#patienceMs = program.patienceMs;
    this.#worker = startHelper(program, start);
    this.#died = new Promise((resolve) => {
      let cause: unknown;
      this.#worker.on("error", (error) => {
        cause = error;
      });
      this.#worker.on("exit", (code) => resolve(this.#deathOf(code, cause)));
    });
  }

  /** The thread's answer, or how it died. `steps` grows while it advances; without that for too long it is ended. */
  async run(request: ThreadRequest, steps: () => number): Promise<ThreadReply | ThreadDied> {
    const answered = new Promise<ThreadReply>((resolve) => {
      this.#worker.on("message", resolve);
    });
    this.#worker.postMessage(request);
    const stopWatching = this.#watch(steps);
    const outcome = await Promise.race([answered, this.#died]);
    stopWatching();
    return outcome;
  }

  close(): void {
    void this.#worker.terminate();
  }

  #watch(steps: () => number): () => void {
    let seen = steps();
    let advancedAtMs = monotonicMs();
    const timer = setInterval(() => {
      const now = steps();
      if (now !== seen) advancedAtMs = monotonicMs();
      seen = now;
      if (monotonicMs() - advancedAtMs < this.#patienceMs) return;
      this.#hasHung = true;
      this.close();
    }, this.#patienceMs / LOOKS);
    return () => clearInterval(timer);
  }

  #deathOf(code: number, cause: unknown): ThreadDied {
    if (this.#hasHung) return new ThreadDied(`made no step for ${this.#patienceMs / 1000} s and was ended`);
    const reason = cause instanceof Error ? `: ${cause.message}` : "";
    return new ThreadDied(`ended with code ${code}${reason}`, cause);
  }
}
