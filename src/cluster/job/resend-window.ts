/**
 * How many records nobody waits for are on their way to a peer at a time. One that comes back after it was away lacks as many
 * as its cluster keeps: all at once they would be in the way of everything else between the two.
 */

import type { JobId, NodeId } from "../../base/ids.js";
import type { Protocol } from "../protocol.js";

export class ResendWindow {
  readonly #protocol: Protocol;
  /** When each was sent, the earliest first. */
  readonly #underWay = new Map<NodeId, Map<JobId, number>>();

  constructor(protocol: Protocol) {
    this.#protocol = protocol;
  }

  /** Takes a place for a record; false where there is none. */
  take(to: NodeId, id: JobId, nowMs: number): boolean {
    const sent = this.#underWay.get(to) ?? new Map<JobId, number>();
    this.#underWay.set(to, sent);
    sent.delete(id);
    for (const [lost, sentAtMs] of sent) {
      if (nowMs - sentAtMs < this.#protocol.replicateMs) break;
      sent.delete(lost);
    }
    if (sent.size >= this.#protocol.resendsAtOnce) return false;
    sent.set(id, nowMs);
    return true;
  }

  /** The peer has answered, or cannot be reached. Whether others may have waited for the place. */
  release(to: NodeId, id: JobId): boolean {
    const sent = this.#underWay.get(to);
    const wasFull = sent !== undefined && sent.size >= this.#protocol.resendsAtOnce;
    const had = sent?.delete(id) === true;
    if (sent?.size === 0) this.#underWay.delete(to);
    return wasFull && had;
  }
}
