/**
 * How members' lists travel: each newly connected peer is asked for its own, again until it comes; and now and then one
 * peer by chance is, so that lost news heals.
 */

import type { NodeId } from "../../base/ids.js";
import type { Member } from "../member.js";
import type { Protocol } from "../protocol.js";
import { MAX_SYNC_MEMBERS, type MembershipMessage } from "./messages.js";
import type { Sending } from "./prober.js";

export class ListExchange {
  readonly #protocol: Protocol;
  /** Connected peers whose list has not come yet, and when it was asked for. */
  readonly #unsynced = new Map<NodeId, number>();
  #comparedAtMs = Number.NEGATIVE_INFINITY;

  constructor(protocol: Protocol) {
    this.#protocol = protocol;
  }

  ask(nowMs: number, peer: NodeId, members: readonly Member[]): readonly Sending[] {
    this.#unsynced.set(peer, nowMs);
    return listFor(peer, members, true);
  }

  /** The peer's list came, or the peer is gone. */
  settled(peer: NodeId): void {
    this.#unsynced.delete(peer);
  }

  tick(nowMs: number, random: number, members: readonly Member[], connected: ReadonlySet<NodeId>): readonly Sending[] {
    const sendings: Sending[] = [];
    for (const [peer, askedAtMs] of this.#unsynced) {
      if (nowMs - askedAtMs >= this.#protocol.syncRetryMs) sendings.push(...this.ask(nowMs, peer, members));
    }
    if (nowMs - this.#comparedAtMs < this.#protocol.antiEntropyMs) return sendings;
    this.#comparedAtMs = nowMs;
    const peers = [...connected].sort();
    const peer = peers[Math.floor(random * peers.length)];
    if (peer !== undefined) sendings.push(...listFor(peer, members, true));
    return sendings;
  }
}

/** The whole list, in as many messages as the cap asks for; only the last one asks for a reply. */
export function listFor(to: NodeId, members: readonly Member[], wantsReply: boolean): readonly Sending[] {
  return partsOf(members).map((part, index, parts): Sending => {
    const isLast = index === parts.length - 1;
    return { to, message: { kind: "sync", wantsReply: wantsReply && isLast, members: part } };
  });
}

export const newsOf = (members: readonly Member[]): readonly MembershipMessage[] =>
  partsOf(members).map((part) => ({ kind: "news", members: part }));

const partsOf = (members: readonly Member[]): readonly (readonly Member[])[] =>
  Array.from({ length: Math.ceil(members.length / MAX_SYNC_MEMBERS) }, (_, part) =>
    members.slice(part * MAX_SYNC_MEMBERS, (part + 1) * MAX_SYNC_MEMBERS),
  );
