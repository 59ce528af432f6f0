/** The process's own time and randomness. */

import type { Clock, Random } from "../../ports/clock.js";

export const processClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  setTimer: (delayMs, fire) => {
    const timer = setTimeout(fire, delayMs);
    return () => clearTimeout(timer);
  },
};

export const processRandom: Random = { next: () => Math.random() };
