/** Asking around for a job that this node does not know: its ring successors first, then everyone else. */

import type { JobId, NodeId } from "../../base/ids.js";
import type { View } from "../member.js";
import { successorsOf } from "../placement/successors.js";
import type { Protocol } from "../protocol.js";
import { aliveMembers } from "./job-entry.js";
import type { JobEffect } from "./job-events.js";

/** How far to ask: a submit only needs the successors, a client's question everyone. */
export type LookupReach = "successors" | "everyone";

interface Lookup {
  reach: LookupReach;
  readonly asked: Set<NodeId>;
  readonly pending: Set<NodeId>;
  deadlineMs: number;
}

export class Lookups {
  readonly #protocol: Protocol;
  readonly #open = new Map<JobId, Lookup>();

  constructor(protocol: Protocol) {
    this.#protocol = protocol;
  }

  isOpen(id: JobId): boolean {
    return this.#open.has(id);
  }

  /** Begins to ask, or widens what is under way. Nobody to ask: the next {@link expired} ends it. */
  start(id: JobId, reach: LookupReach, view: View, nowMs: number): JobEffect[] {
    const open = this.#open.get(id);
    if (open !== undefined) {
      if (reach === "everyone") open.reach = reach;
      return [];
    }
    const lookup: Lookup = { reach, asked: new Set(), pending: new Set(), deadlineMs: nowMs + this.#protocol.lookupMs };
    this.#open.set(id, lookup);
    return this.#ask(id, lookup, successorsOf(id, view, this.#protocol.recordCopies), view);
  }

  /** A peer answered without a record. */
  answered(id: JobId, from: NodeId): void {
    this.#open.get(id)?.pending.delete(from);
  }

  /** Ends a lookup, found or not. */
  finish(id: JobId): void {
    this.#open.delete(id);
  }

  /** Goes on with every lookup that has nobody left to wait for; returns those that ended without a record. */
  advance(view: View, nowMs: number, effects: JobEffect[]): readonly JobId[] {
    const ended: JobId[] = [];
    for (const [id, lookup] of this.#open) {
      if (lookup.pending.size > 0 && nowMs < lookup.deadlineMs) continue;
      const rest = aliveMembers(view).map((member) => member.id);
      const asking = lookup.reach === "everyone" ? this.#ask(id, lookup, rest, view) : [];
      lookup.deadlineMs = nowMs + this.#protocol.lookupMs;
      effects.push(...asking);
      if (asking.length > 0) continue;
      this.#open.delete(id);
      ended.push(id);
    }
    return ended;
  }

  #ask(id: JobId, lookup: Lookup, members: readonly NodeId[], view: View): JobEffect[] {
    const targets = members.filter((member) => member !== view.self && !lookup.asked.has(member));
    lookup.pending.clear();
    for (const target of targets) {
      lookup.asked.add(target);
      lookup.pending.add(target);
    }
    return targets.map((from) => ({ kind: "fetch", from, jobId: id }));
  }
}
