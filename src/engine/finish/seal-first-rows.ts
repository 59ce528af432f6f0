/**
 * What of a part of all groups can be in the answer: those that HAVING keeps, and of them the first ones where there is a
 * LIMIT. The first of a union are the first of the firsts, so parts that are cut this way merge to the same answer.
 */

import type { QueryPlan } from "../plan.js";
import type { VertexAccumulator } from "../vertex-accumulator.js";
import { firstRows, rowsWanted } from "./finish-query.js";

/** Seals no more of the groups than the answer needs; all of them where they did not fit the memory. */
export function sealFirstRows(plan: QueryPlan, accumulator: VertexAccumulator): Uint8Array {
  const isWhole = plan.finish.having === null && rowsWanted(plan) >= accumulator.groupCount;
  if (isWhole || accumulator.spilledRuns() !== undefined) return accumulator.seal();
  return accumulator.sealRows(firstRows(plan, accumulator.rows()));
}
