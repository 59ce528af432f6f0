/** From an accumulator that holds a whole job to its answer, whether its groups are in memory or were spilled. */

import { assert } from "../../base/assert.js";
import type { AnswerTable } from "../../job/result.js";
import type { GroupReader, GroupRow } from "../partial/group-rows.js";
import type { QueryPlan } from "../plan.js";
import type { SpilledGroups, VertexAccumulator } from "../vertex-accumulator.js";
import { answerQuery, firstRows, outputColumns, outputRows, rowsWanted } from "./finish-query.js";
import { mergeSorted } from "./merge-sorted.js";
import { fullSortKeys, rowComparison } from "./row-order.js";

export interface Answer {
  readonly table: AnswerTable;
  /** Groups there are, before HAVING and LIMIT. */
  readonly groups: number;
}

/** The rows of the answer are good until the accumulator changes. Throws a SpillError. */
export function answerOf(plan: QueryPlan, accumulator: VertexAccumulator): Answer {
  const spilled = accumulator.spilledGroups();
  if (spilled !== undefined) return answerSpilled(plan, spilled, accumulator);
  const rows = accumulator.rows();
  return { table: answerQuery(plan, rows, accumulator.counters), groups: rows.count };
}

/**
 * An external sort: the groups come range after range of their hash; of each the first rows are put away in order, and
 * merged when they are asked for.
 */
function answerSpilled(plan: QueryPlan, { ranges, sorted }: SpilledGroups, { counters }: VertexAccumulator): Answer {
  let groups = 0;
  let kept = 0;
  for (const rows of ranges()) {
    const first = firstRows(plan, rows);
    sorted.add(rows, first);
    groups += rows.count;
    kept += first.length;
  }
  const readers = sorted.open();
  const reader: GroupReader = sorted.reader();
  const compare = rowComparison(fullSortKeys(plan), reader);
  const { offset } = plan.finish;
  const length = Math.max(0, Math.min(kept, rowsWanted(plan)) - offset);
  const rows = outputRows(
    plan,
    reader,
    length,
    oneAtATime(() => mergeSorted(readers, compare, offset, length)),
  );
  return { table: { columns: outputColumns(plan), rows, counters }, groups };
}

/** The readers of the runs are shared: who goes on with rows that another has begun to go through would miss some. */
function oneAtATime(begin: () => Iterable<GroupRow>): () => Iterable<GroupRow> {
  let turns = 0;
  return function* () {
    turns += 1;
    const turn = turns;
    const check = (): void => assert(turn === turns, "the rows of a spilled answer are gone through one at a time");
    for (const row of begin()) {
      yield row;
      check();
    }
  };
}
