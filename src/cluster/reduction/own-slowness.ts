/**
 * Whether this node scans far more slowly than those that it pulls from. Each of them knows little of the others; what a
 * slow node says of itself all of them know, and none asks it for what somebody else can do.
 */

import { medianOf, VERY_SLOW_SHARE } from "./pace.js";
import type { ReductionState } from "./reduction-state.js";

/** After the last scan that was slow: one that is spared has no scan to be measured by. */
const SLOW_MS = 30_000;

/** A scan tells after so long: in the first moments of a node's life its code is not compiled yet. */
const LEAST_MS = 3000;

/** With fewer others to compare with nobody is slow. */
const LEAST_OTHERS = 3;

export class OwnSlowness {
  #untilMs = Number.NEGATIVE_INFINITY;

  /** Looks at the scans under way that have taken long enough to tell, and at the last ones of the same work. */
  look({ tasks, paces, nowMs, view }: ReductionState): void {
    for (const { isSpan, state, begunAtMs, scannedBytes, context, vertex } of tasks.values()) {
      if (!isSpan || state !== "working") continue;
      const work = context.workOf(vertex);
      const others = paces.ofThose(work, (node) => node !== view.self);
      if (others.length < LEAST_OTHERS) continue;
      const leastPace = VERY_SLOW_SHARE * medianOf(others);
      const elapsedMs = nowMs - begunAtMs;
      if (elapsedMs >= LEAST_MS && scannedBytes / elapsedMs < leastPace) this.#untilMs = nowMs + SLOW_MS;
      else if ((paces.at(work, view.self) ?? 0) >= leastPace) this.#untilMs = Number.NEGATIVE_INFINITY;
    }
  }

  is(nowMs: number): boolean {
    return nowMs < this.#untilMs;
  }
}
