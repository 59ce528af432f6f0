/** One simulated process: it can crash, start again, and freeze. What a dead one had in flight never happens. */

import type { Cancel, Clock } from "../../src/node/ports/clock.js";
import type { SimulatedTime } from "./simulated-time.js";

export class SimulatedProcess {
  readonly #time: SimulatedTime;
  readonly #wallOffsetMs: number;
  #life = 0;
  #isUp = false;
  #isFrozen = false;
  #backlog: (() => void)[] = [];

  constructor(time: SimulatedTime, wallOffsetMs: number) {
    this.#time = time;
    this.#wallOffsetMs = wallOffsetMs;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  start(): void {
    this.#life += 1;
    this.#isUp = true;
    this.#isFrozen = false;
    this.#backlog = [];
  }

  crash(): void {
    this.#isUp = false;
    this.#isFrozen = false;
    this.#life += 1;
    this.#backlog = [];
  }

  freeze(): void {
    this.#isFrozen = this.#isUp;
  }

  thaw(): void {
    this.#isFrozen = false;
    for (const run of this.#backlog.splice(0)) run();
  }

  /** Wraps a callback so that it only reaches this life of the process, and waits while it is frozen. */
  guard<Arguments extends readonly unknown[]>(run: (...given: Arguments) => void): (...given: Arguments) => void {
    const life = this.#life;
    const guarded = (...given: Arguments): void => {
      if (this.#life !== life || !this.#isUp) return;
      if (this.#isFrozen) this.#backlog.push(() => guarded(...given));
      else run(...given);
    };
    return guarded;
  }

  clock(): Clock {
    return {
      nowMs: () => this.#time.nowMs,
      wallMs: () => this.#time.nowMs + this.#wallOffsetMs,
      setTimer: (delayMs: number, fire: () => void): Cancel => {
        let isCancelled = false;
        const guarded = this.guard(() => {
          if (!isCancelled) fire();
        });
        const cancel = this.#time.schedule(delayMs, guarded);
        return () => {
          isCancelled = true;
          cancel();
        };
      },
    };
  }
}
