/** Where a job lives: its ring successors keep its record, and the first of them computes its root. */

import type { JobId, NodeId } from "../../base/ids.js";
import { ringHash } from "../../base/ring-hash.js";
import type { View } from "../member.js";
import { ringOf } from "./ring.js";

/** The alive members in ring order from the job's id. The root is computed by the first; the next take over in turn. */
export function rootRanks(id: JobId, view: View): readonly NodeId[] {
  const alive = new Set(view.members.filter((member) => member.state === "alive").map((member) => member.id));
  return ringOf(view)
    .orderFrom(ringHash(id))
    .filter((member) => alive.has(member));
}

/** The `count` members that keep a job's record. */
export const successorsOf = (id: JobId, view: View, count: number): readonly NodeId[] =>
  rootRanks(id, view).slice(0, count);
