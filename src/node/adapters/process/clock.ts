/** The process's own time and randomness. */

import type { Clock, Random } from "../../ports/clock.js";

/** Of a clock that only advances. Node's `performance` takes 0.8 ms to load, of a client that is there for 60. */
export const monotonicMs = (): number => process.uptime() * 1000;

export const processClock: Clock = {
  nowMs: monotonicMs,
  wallMs: () => Date.now(),
  setTimer: (delayMs, fire) => {
    const timer = setTimeout(fire, delayMs);
    return () => clearTimeout(timer);
  },
};

export const processRandom: Random = { next: () => Math.random() };
