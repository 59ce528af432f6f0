/**
 * How long a suspect may take to refute before it counts as dead (SWIM: Das, Gupta, Motivala, 2002), and how the suspicions
 * of others shorten it (Lifeguard: Dadgar, Phillips, Currey, 2018): one node that suspects may be ill itself.
 */

import type { NodeId } from "../../base/ids.js";
import type { Protocol } from "../protocol.js";

/** suspicionFactor × max(1, log10 of the members) × the probe interval: news takes longer to spread among more. */
export const suspicionTimeoutMs = (
  members: number,
  protocol: Pick<Protocol, "suspicionFactor" | "probeIntervalMs">,
): number => protocol.suspicionFactor * Math.max(1, Math.log10(Math.max(1, members))) * protocol.probeIntervalMs;

/** Suspicions by others that make the shortest timeout do; fewer where there are not so many others. */
const CONFIRMATIONS = 3;

/**
 * From `suspicionStretch` times the shortest timeout, when one node suspects alone, down to it when `CONFIRMATIONS` others
 * agree: max - (max - min) × log(confirmations + 1) / log(expected + 1). Where nobody is left to agree, the shortest.
 */
export function confirmedTimeoutMs(
  members: number,
  confirmations: number,
  protocol: Pick<Protocol, "suspicionFactor" | "suspicionStretch" | "probeIntervalMs">,
): number {
  const leastMs = suspicionTimeoutMs(members, protocol);
  const expected = Math.min(CONFIRMATIONS, members - 2);
  if (expected < 1) return leastMs;
  const mostMs = leastMs * protocol.suspicionStretch;
  const share = Math.log(confirmations + 1) / Math.log(expected + 1);
  return Math.max(leastMs, mostMs - (mostMs - leastMs) * share);
}

interface Suspicion {
  readonly incarnation: number;
  readonly sinceMs: number;
  readonly by: Set<NodeId>;
}

/** Who suspects whom, as far as this node has heard. */
export class Suspicions {
  readonly #suspicions = new Map<NodeId, Suspicion>();

  /** Says whether `by` had not suspected this life of the member before. */
  add(suspect: NodeId, incarnation: number, by: NodeId, nowMs: number): boolean {
    const known = this.#suspicions.get(suspect);
    if (known === undefined || known.incarnation < incarnation) {
      this.#suspicions.set(suspect, { incarnation, sinceMs: nowMs, by: new Set([by]) });
      return true;
    }
    if (known.incarnation > incarnation || known.by.has(by)) return false;
    known.by.add(by);
    return true;
  }

  forget(member: NodeId): void {
    this.#suspicions.delete(member);
  }

  /** Whether the suspect has had its time. Of one that nobody here has heard suspected, `sinceMs` is the beginning. */
  isOver(suspect: NodeId, members: number, sinceMs: number, nowMs: number, protocol: Protocol): boolean {
    const known = this.#suspicions.get(suspect);
    const confirmations = Math.max(0, (known?.by.size ?? 1) - 1);
    return nowMs - (known?.sinceMs ?? sinceMs) >= confirmedTimeoutMs(members, confirmations, protocol);
  }
}
