/**
 * SWIM's probes, as one node makes and serves them. Every period one member, in an order that is shuffled anew when all
 * have had their turn; one that does not answer, or has no connection to here, is probed through others as well.
 */

import type { NodeId } from "../../base/ids.js";
import { ringHash } from "../../base/ring-hash.js";
import type { Member } from "../member.js";
import { isPlaced } from "../placement/ring.js";
import type { Protocol } from "../protocol.js";
import type { Awareness } from "./awareness.js";
import type { MemberTable } from "./member-table.js";
import type { MembershipMessage } from "./messages.js";

interface Probe {
  readonly target: Member;
  readonly number: number;
  readonly sentAtMs: number;
  isIndirect: boolean;
}

interface Relayed {
  readonly to: NodeId;
  readonly number: number;
  readonly sinceMs: number;
}

export interface Sending {
  readonly to: NodeId;
  readonly message: MembershipMessage;
}

export interface FailedProbe {
  readonly target: NodeId;
  readonly sentAtMs: number;
}

export class Prober {
  readonly #self: NodeId;
  readonly #protocol: Protocol;
  readonly #awareness: Awareness;
  #probe: Probe | undefined;
  #probedAtMs = Number.NEGATIVE_INFINITY;
  #number = 0;
  #turns: NodeId[] = [];
  /** Probes made for others, by this node's number of them. */
  readonly #relayed = new Map<number, Relayed>();

  constructor(self: NodeId, protocol: Protocol, awareness: Awareness) {
    this.#self = self;
    this.#protocol = protocol;
    this.#awareness = awareness;
  }

  /** What to send now, and the probe that nobody answered, if one ended so. */
  tick(
    nowMs: number,
    random: number,
    members: MemberTable,
    connected: ReadonlySet<NodeId>,
  ): { readonly sendings: readonly Sending[]; readonly failed: FailedProbe | undefined } {
    const { probeIntervalMs, probeTimeoutMs } = this.#protocol;
    const { factor } = this.#awareness;
    const sendings: Sending[] = [];
    let failed: FailedProbe | undefined;
    if (this.#probe !== undefined && nowMs - this.#probe.sentAtMs >= probeTimeoutMs * factor) {
      if (!this.#probe.isIndirect) sendings.push(...this.#askOthers(this.#probe, random, connected));
      if (nowMs - this.#probe.sentAtMs >= probeIntervalMs * factor) {
        failed = { target: this.#probe.target.id, sentAtMs: this.#probe.sentAtMs };
        this.#probe = undefined;
      }
    }
    if (this.#probe === undefined && nowMs - this.#probedAtMs >= probeIntervalMs) {
      sendings.push(...this.#begin(nowMs, random, members, connected));
    }
    this.#forgetRelayed(nowMs);
    return { sendings, failed };
  }

  /** Somebody wants a member probed through here. */
  relay(nowMs: number, to: NodeId, number: number, target: Member): readonly Sending[] {
    this.#number += 1;
    this.#relayed.set(this.#number, { to, number, sinceMs: nowMs });
    return [{ to: target.id, message: { kind: "ping", number: this.#number, about: target } }];
  }

  /** An answer, to a probe of this node's or to one that it relays. */
  answered(number: number, from: Member): readonly Sending[] {
    if (this.#probe?.number === number && this.#probe.target.id === from.id) {
      this.#probe = undefined;
      this.#awareness.better();
    }
    const relayed = this.#relayed.get(number);
    if (relayed === undefined) return [];
    this.#relayed.delete(number);
    return [{ to: relayed.to, message: { kind: "ack", number: relayed.number, from } }];
  }

  #begin(nowMs: number, random: number, members: MemberTable, connected: ReadonlySet<NodeId>): readonly Sending[] {
    // Without any connection there is nobody to ask, and nothing to learn but that.
    const target = connected.size === 0 ? undefined : this.#next(members, random);
    if (target === undefined) return [];
    this.#probedAtMs = nowMs;
    this.#number += 1;
    this.#probe = { target, number: this.#number, sentAtMs: nowMs, isIndirect: false };
    if (!connected.has(target.id)) return this.#askOthers(this.#probe, random, connected);
    return [{ to: target.id, message: { kind: "ping", number: this.#number, about: target } }];
  }

  /** Everyone alive or suspect but this node has its turn, then all again in another order. */
  #next(members: MemberTable, random: number): Member | undefined {
    const targetOf = (id: NodeId): Member | undefined => {
      const member = id === this.#self ? undefined : members.get(id);
      return member !== undefined && isPlaced(member) ? member : undefined;
    };
    if (!this.#turns.some((id) => targetOf(id) !== undefined)) {
      const place = new Map(members.values().map(({ id }) => [id, ringHash(`${id}#${random}`)]));
      this.#turns = [...place.keys()].sort((left, right) => (place.get(left) ?? 0) - (place.get(right) ?? 0));
    }
    for (let id = this.#turns.shift(); id !== undefined; id = this.#turns.shift()) {
      const target = targetOf(id);
      if (target !== undefined) return target;
    }
    return undefined;
  }

  #askOthers(probe: Probe, random: number, connected: ReadonlySet<NodeId>): readonly Sending[] {
    probe.isIndirect = true;
    const { number, target } = probe;
    const place = (id: NodeId): number => ringHash(`${id}#${number}#${random}`);
    const helpers = [...connected].filter((id) => id !== target.id).sort((left, right) => place(left) - place(right));
    return helpers
      .slice(0, this.#protocol.indirectProbes)
      .map((to) => ({ to, message: { kind: "ping-request", number, target: target.id } }));
  }

  #forgetRelayed(nowMs: number): void {
    for (const [number, { sinceMs }] of this.#relayed) {
      if (nowMs - sinceMs >= this.#protocol.probeIntervalMs) this.#relayed.delete(number);
    }
  }
}
