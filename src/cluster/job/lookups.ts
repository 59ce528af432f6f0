/** Asking around for a job that this node does not know: its ring successors first, then everyone else. */

import type { JobId, NodeId } from "../../base/ids.js";
import type { View } from "../member.js";
import { successorsOf } from "../placement/successors.js";
import type { Protocol } from "../protocol.js";
import { aliveMembers } from "./job-entry.js";
import type { JobEffect } from "./job-events.js";

/** How far to ask: a submit only needs the successors, a client's question everyone. */
export type LookupReach = "successors" | "everyone";

/** A lookup that found nothing, and who may know the job all the same. */
export interface VainLookup {
  readonly id: JobId;
  /** Members that were asked and did not answer, and those that may be alive and could not be asked. */
  readonly silent: readonly NodeId[];
}

interface Lookup {
  reach: LookupReach;
  readonly asked: Set<NodeId>;
  /** Those of the asked that said they do not know it. */
  readonly answered: Set<NodeId>;
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
    const deadlineMs = nowMs + this.#protocol.lookupMs;
    const lookup: Lookup = { reach, asked: new Set(), answered: new Set(), pending: new Set(), deadlineMs };
    this.#open.set(id, lookup);
    return this.#ask(id, lookup, successorsOf(id, view, this.#protocol.recordCopies), view);
  }

  /** A peer does not know the job. */
  answered(id: JobId, from: NodeId): void {
    this.#open.get(id)?.answered.add(from);
    this.unanswered(id, from);
  }

  /** A peer cannot be asked: nobody waits for it, and nobody knows what it would have said. */
  unanswered(id: JobId, from: NodeId): void {
    this.#open.get(id)?.pending.delete(from);
  }

  /** Ends a lookup, found or not. */
  finish(id: JobId): void {
    this.#open.delete(id);
  }

  /** Goes on with every lookup that has nobody left to wait for; returns those that ended without a record. */
  advance(view: View, nowMs: number, effects: JobEffect[]): readonly VainLookup[] {
    const ended: VainLookup[] = [];
    for (const [id, lookup] of this.#open) {
      if (lookup.pending.size > 0 && nowMs < lookup.deadlineMs) continue;
      const rest = aliveMembers(view).map((member) => member.id);
      const asking = lookup.reach === "everyone" ? this.#ask(id, lookup, rest, view) : [];
      lookup.deadlineMs = nowMs + this.#protocol.lookupMs;
      effects.push(...asking);
      if (asking.length > 0) continue;
      this.#open.delete(id);
      ended.push({ id, silent: silentOf(lookup, view) });
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

/** Nobody knows of a suspect whether it is gone. Of the dead the cluster does: what they alone knew is lost with them. */
function silentOf({ asked, answered }: Lookup, view: View): readonly NodeId[] {
  const mayAnswer = view.members.filter(({ id, state }) => asked.has(id) || state === "suspect");
  return mayAnswer.map(({ id }) => id).filter((id) => id !== view.self && !answered.has(id));
}
