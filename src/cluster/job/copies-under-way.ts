/**
 * Copies of records that are on their way to peers. No peer is sent so much at once that everything else between the two would
 * wait for it; and what is not answered is sent again the later, the more is on its way before it.
 */

import type { JobId, NodeId } from "../../base/ids.js";
import type { Protocol } from "../protocol.js";

/** What travels beside the result. */
const RECORD_BYTES = 2048;
/** A copy with as much on its way as may be is given so many times the time of a lone one, more. */
const STRETCH = 4;
/** No call lasts longer: what was not answered by then takes no room any more. */
const FORGOTTEN_MS = 60_000;

export interface Copying {
  readonly id: JobId;
  readonly version: string;
  readonly resultBytes: number;
  /** Somebody waits for the job, or for its end. */
  readonly isUrgent: boolean;
}

interface Sent {
  readonly version: string;
  readonly bytes: number;
  readonly sentAtMs: number;
}

/** Those to one peer, the one that was sent longest ago first. */
interface Lane {
  readonly sent: Map<JobId, Sent>;
  bytes: number;
  /** Some record did not find room. */
  isWanted: boolean;
}

export class CopiesUnderWay {
  readonly #protocol: Protocol;
  readonly #lanes = new Map<NodeId, Lane>();

  constructor(protocol: Protocol) {
    this.#protocol = protocol;
  }

  /** Whether the record may be sent now; then it counts as under way. */
  begin(to: NodeId, { id, version, resultBytes, isUrgent }: Copying, nowMs: number): boolean {
    const lane = this.#lanes.get(to) ?? { sent: new Map<JobId, Sent>(), bytes: 0, isWanted: false };
    this.#lanes.set(to, lane);
    const before = lane.sent.get(id);
    if (before?.version === version && nowMs - before.sentAtMs < this.#patienceMs(lane)) return false;
    this.#forgetLost(lane, nowMs);
    remove(lane, id);
    const bytes = resultBytes + RECORD_BYTES;
    const isOneTooMany = !isUrgent && lane.sent.size >= this.#protocol.resendsAtOnce;
    const isTooMuch = lane.sent.size > 0 && lane.bytes + bytes > this.#protocol.copiesBytes;
    if (isOneTooMany || isTooMuch) {
      lane.isWanted = true;
      return false;
    }
    lane.sent.set(id, { version, bytes, sentAtMs: nowMs });
    lane.bytes += bytes;
    return true;
  }

  /** The peer has answered, or cannot be reached. Whether another record has waited for the room. */
  end(to: NodeId, id: JobId): boolean {
    const lane = this.#lanes.get(to);
    if (lane === undefined || !remove(lane, id)) return false;
    const { isWanted } = lane;
    if (lane.sent.size === 0) this.#lanes.delete(to);
    return isWanted;
  }

  #patienceMs({ bytes }: Lane): number {
    const { replicateMs, copiesBytes } = this.#protocol;
    return replicateMs * (1 + Math.min(STRETCH, Math.floor((STRETCH * bytes) / copiesBytes)));
  }

  #forgetLost(lane: Lane, nowMs: number): void {
    for (const [id, { sentAtMs }] of lane.sent) {
      if (nowMs - sentAtMs < FORGOTTEN_MS) return;
      remove(lane, id);
    }
  }
}

function remove(lane: Lane, id: JobId): boolean {
  lane.bytes -= lane.sent.get(id)?.bytes ?? 0;
  return lane.sent.delete(id);
}
