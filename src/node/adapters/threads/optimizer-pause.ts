/**
 * V8 optimises what JavaScript runs between the kernels in threads of its own, once in each isolate. Beside a scan that
 * leaves no core idle these cost it more than better code gives back within a second: the kernels do the work. A scan that
 * takes longer gets that code, and so does what comes after a scan.
 */

import { setFlagsFromString } from "node:v8";
import { monotonicMs } from "../process/clock.js";

/**
 * Compiling takes 65 ms of processor time a query; without it a scan is some 5 % slower. What is saved at first is lost
 * after about this time.
 */
const PAUSE_MS = 1000;

/** The largest function that V8 optimises, in bytes of bytecode: its own default, and none. A plain number to V8, looked at
 * whenever a function is hot, so it may change while the process runs. */
const USUAL = "--max-optimized-bytecode-size=61440";
const NONE = "--max-optimized-bytecode-size=0";

/** Holds the optimiser of this process until it is ended, a second at most. */
export class OptimizerPause {
  readonly #startedMs = monotonicMs();
  #isOver = false;

  constructor() {
    setFlagsFromString(NONE);
  }

  /** To be called now and then: nothing ends a pause of a thread that is busy. */
  look(): void {
    if (monotonicMs() - this.#startedMs >= PAUSE_MS) this.end();
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    setFlagsFromString(USUAL);
  }
}
