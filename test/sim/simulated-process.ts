/**
 * One simulated process: it can crash, start again, freeze, and be slow. What a dead one had in flight never happens, and
 * its open timers are counted, so that a leak shows.
 */

import type { Cancel, Clock } from "../../src/node/ports/clock.js";
import type { RandomStream } from "./random-stream.js";
import type { SimulatedTime } from "./simulated-time.js";

/** An event loop of a process that is `n` times slower is late by up to this much times `n`. */
const LATE_MS = 15;

export class SimulatedProcess {
  readonly #time: SimulatedTime;
  readonly #wallOffsetMs: number;
  readonly #lateness: RandomStream;
  #life = 0;
  #isUp = false;
  #isFrozen = false;
  #backlog: (() => void)[] = [];
  #openTimers = 0;
  /** How many times longer everything takes. */
  slowness = 1;

  constructor(time: SimulatedTime, wallOffsetMs: number, lateness: RandomStream) {
    this.#time = time;
    this.#wallOffsetMs = wallOffsetMs;
    this.#lateness = lateness;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** Timers of this life that have neither fired nor been cancelled. */
  get openTimers(): number {
    return this.#openTimers;
  }

  /** Callbacks that wait for a frozen process to go on. */
  get backlog(): number {
    return this.#backlog.length;
  }

  start(): void {
    this.#life += 1;
    this.#isUp = true;
    this.#reset();
  }

  crash(): void {
    this.#life += 1;
    this.#isUp = false;
    this.#reset();
  }

  freeze(): void {
    this.#isFrozen = this.#isUp;
  }

  thaw(): void {
    this.#isFrozen = false;
    for (const run of this.#backlog.splice(0)) run();
  }

  /** How late the process gets round to something that is due now. */
  lateMs(): number {
    return this.slowness === 1 ? 0 : this.#lateness.between(0, LATE_MS * this.slowness);
  }

  /** Says from now on whether the life that it has now goes on. */
  life(): () => boolean {
    const life = this.#life;
    return () => this.#isUp && this.#life === life;
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
      setTimer: (delayMs, fire) => this.#setTimer(delayMs, fire),
    };
  }

  #setTimer(delayMs: number, fire: () => void): Cancel {
    const life = this.#life;
    let isOpen = true;
    this.#openTimers += 1;
    const close = (): boolean => {
      const wasOpen = isOpen;
      isOpen = false;
      if (wasOpen && this.#life === life) this.#openTimers -= 1;
      return wasOpen;
    };
    const due = this.guard(() => {
      if (close()) fire();
    });
    const cancel = this.#time.schedule(delayMs + this.lateMs(), due);
    return () => {
      close();
      cancel();
    };
  }

  #reset(): void {
    this.#isFrozen = false;
    this.#backlog = [];
    this.#openTimers = 0;
  }
}
