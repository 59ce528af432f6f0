/**
 * The finish half of a query: from the merged groups to the table that is shown. Runs once, on the root. Groups are
 * filtered, ordered and cut as handles into the group table; values exist only for the rows that remain, and only when
 * they are asked for.
 */

import {
  type AnswerTable,
  inMemory,
  type ResultColumn,
  type ResultTable,
  type RowSequence,
  type ScanCounters,
  type Value,
} from "../../job/result.js";
import { isCounting } from "../functions/aggregates/aggregates.js";
import type { GroupReader, GroupRow, GroupRows, RankedRows, RankOrder } from "../partial/group-rows.js";
import type { Expression, QueryPlan, SortKey } from "../plan.js";
import { exactReader, truthReader } from "./evaluate.js";
import { firstKeyRank, fullSortKeys, rankOrder, rowComparison } from "./row-order.js";
import { TopRows } from "./top-rows.js";

/** HAVING, ORDER BY, OFFSET, LIMIT and the output columns over `rows`. `counters` are passed on. */
export function finishQuery(plan: QueryPlan, rows: GroupRows, counters: ScanCounters): ResultTable {
  return inMemory(answerQuery(plan, rows, counters));
}

/** As {@link finishQuery}; the rows of the answer are good for as long as those of `rows` are. */
export function answerQuery(plan: QueryPlan, rows: GroupRows, counters: ScanCounters): AnswerTable {
  const groups = plan.map.keys.length === 0 && rows.count === 0 ? emptyGroup(plan) : rows;
  const { offset } = plan.finish;
  const selected = firstRows(plan, groups);
  const shown = outputRows(plan, groups, Math.max(0, selected.length - offset), () => selected.slice(offset));
  return { columns: outputColumns(plan), rows: shown, counters };
}

export const outputColumns = (plan: QueryPlan): readonly ResultColumn[] =>
  plan.finish.columns.map(({ name, expression }) => ({ name, type: columnType(expression) }));

function columnType({ type }: Expression): ResultColumn["type"] {
  return type === "interval" ? "i64" : type;
}

/** The output columns of the groups that `handles` gives, `length` of them. */
export function outputRows(
  plan: QueryPlan,
  groups: GroupReader,
  length: number,
  handles: () => Iterable<GroupRow>,
): RowSequence {
  const readers = plan.finish.columns.map(({ expression }) => exactReader(expression, groups));
  return {
    length,
    *[Symbol.iterator]() {
      for (const row of handles()) yield readers.map((read) => read(row));
    },
  };
}

/** OFFSET and LIMIT together: how many groups, the first in their order, decide the answer. */
export const rowsWanted = ({ finish }: QueryPlan): number =>
  finish.limit === null ? Number.POSITIVE_INFINITY : finish.offset + finish.limit;

/** The groups that HAVING keeps, in order; no more than are wanted. */
export function firstRows(plan: QueryPlan, groups: GroupRows): readonly GroupRow[] {
  const { having } = plan.finish;
  const sortKeys = fullSortKeys(plan);
  const order = { rank: firstKeyRank(sortKeys[0], groups), compare: rowComparison(sortKeys, groups) };
  const holds = having === null ? undefined : truthReader(having, groups);
  const wanted = rowsWanted(plan);
  if (wanted < groups.count) {
    const top = new TopRows(order, wanted);
    const offer = (row: GroupRow): void => {
      if (holds === undefined || holds(row)) top.offer(row);
    };
    const ranked = firstKeyRanks(sortKeys[0], groups);
    if (ranked === undefined) groups.forEachRow(offer);
    else offerRanked(ranked, top, offer);
    return top.sorted();
  }
  const all: GroupRow[] = [];
  groups.forEachRow((row) => {
    if (holds === undefined || holds(row)) all.push(row);
  });
  return all.sort(order.compare);
}

interface FirstKeyRanks {
  readonly parts: Iterable<RankedRows>;
  readonly order: RankOrder;
}

/** The ranks of the first sort key, where they can be had for all groups at once. */
function firstKeyRanks(key: SortKey | undefined, groups: GroupRows): FirstKeyRanks | undefined {
  if (key?.expression.kind !== "aggregate") return undefined;
  const parts = groups.rankByAggregate(key.expression.index);
  return parts === undefined ? undefined : { parts, order: rankOrder(key) };
}

/** The bound is worst at first, so that the steps begin small. */
function offerRanked({ parts, order }: FirstKeyRanks, top: TopRows, offer: (row: GroupRow) => void): void {
  let step = FIRST_STEP_ROWS;
  for (const ranked of parts) {
    for (let from = 0; from < ranked.count; from += step, step *= 2) {
      const end = Math.min(ranked.count, from + step);
      for (const row of ranked.rowsAhead(from, end, order, top.worstRank)) offer(row);
    }
  }
}

const FIRST_STEP_ROWS = 64;

/** Without GROUP BY there is one group even if no row matched: it counts 0, and everything else is NULL. */
function emptyGroup(plan: QueryPlan): GroupRows {
  const { aggregates } = plan.map;
  const isCount = (aggregate: number): boolean => isCounting(aggregates[aggregate]?.function ?? "");
  return {
    count: 1,
    forEachRow: (visit) => visit(0),
    isKeyNull: () => true,
    compareTexts: () => 0,
    keyValue: (): Value => null,
    keyNumber: () => Number.NaN,
    aggregateValue: (_, aggregate) => (isCount(aggregate) ? 0n : null),
    rankByAggregate: () => undefined,
    aggregateNumber: (_, aggregate) => (isCount(aggregate) ? 0 : Number.NaN),
  };
}
