/** By how much this node's event loop was late of late: one pause is no illness, going on being late is. */

import type { Protocol } from "../protocol.js";

/** Of the time since the loop was late, what is taken off: one that is late for less than half of the time is well. */
const FORGIVEN_SHARE = 0.5;

export class EventLoopLag {
  readonly #protocol: Protocol;
  #atMs = Number.NEGATIVE_INFINITY;
  /** In sum, less {@link FORGIVEN_SHARE} of the time since. */
  #lateMs = 0;

  constructor(protocol: Protocol) {
    this.#protocol = protocol;
  }

  /** Whether the node is ill by now. */
  noted(nowMs: number, lateMs: number): boolean {
    this.#lateMs = Math.max(0, this.#lateMs - FORGIVEN_SHARE * (nowMs - this.#atMs)) + lateMs;
    this.#atMs = nowMs;
    return this.#lateMs >= this.#protocol.illMs;
  }

  /** Whether the loop has been in time for so long that the node is well again. */
  isOver(nowMs: number): boolean {
    return nowMs - this.#atMs >= this.#protocol.demotionMs;
  }
}
