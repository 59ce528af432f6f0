/** Which members were last heard to have more work than threads. Whoever was not heard of may be idle. */

import type { NodeId } from "../../base/ids.js";

/** So long a queue that was heard of counts: a busy node reports more often while it is pulled from. */
const BUSY_MS = 2000;

export class MemberLoads {
  readonly #busyUntilMs = new Map<NodeId, number>();

  heard(node: NodeId, queuedBytes: number, nowMs: number): void {
    if (queuedBytes > 0) this.#busyUntilMs.set(node, nowMs + BUSY_MS);
    else this.#busyUntilMs.delete(node);
  }

  isBusy(node: NodeId, nowMs: number): boolean {
    return (this.#busyUntilMs.get(node) ?? nowMs) > nowMs;
  }
}
