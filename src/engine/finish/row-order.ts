/**
 * The total order of groups that a query asks for: ORDER BY, then the remaining output columns, then the keys, so that
 * the same groups always come out in the same order and LIMIT always cuts at the same place.
 */

import { canonicalJson } from "../../base/canonical-json.js";
import type { Value } from "../../job/result.js";
import { compareValues } from "../functions/scalar/compare-values.js";
import type { GroupReader, GroupRow, RankOrder } from "../partial/group-rows.js";
import type { QueryPlan, SortKey } from "../plan.js";
import { exactReader, numberReader } from "./evaluate.js";

/** Compares the exact values of two groups under one sort key. */
type RowComparison = (left: GroupRow, right: GroupRow) => number;

/** NULL goes last, whichever the direction, unless it is asked to go first. */
function compareNullable(left: Value, right: Value, key: SortKey): number {
  if (left === null || right === null) {
    const nullsLast = Number(left === null) - Number(right === null);
    return key.nullsFirst ? -nullsLast : nullsLast;
  }
  const order = compareValues(left, right);
  return key.descending ? -order : order;
}

/** Sort keys in order, each expression once: those written, the output columns, the group keys. */
export function fullSortKeys(plan: QueryPlan): readonly SortKey[] {
  const columns = plan.finish.columns.map(({ expression }) => expression);
  const keys = plan.map.keys.map(({ type }, index) => ({ kind: "key", type, index }) as const);
  const implied = [...columns, ...keys].map((expression) => ({ expression, descending: false, nullsFirst: false }));
  const distinct = new Map<string, SortKey>();
  for (const key of [...plan.finish.orderBy, ...implied]) {
    const text = canonicalJson(key.expression);
    if (key.expression.kind !== "literal" && !distinct.has(text)) distinct.set(text, key);
  }
  return [...distinct.values()];
}

function textComparison(key: SortKey, index: number, rows: GroupReader): RowComparison {
  const isNull = (row: GroupRow): boolean => rows.isKeyNull(row, index);
  return (left, right) => {
    const order = rows.compareTexts(left, right, index);
    if (!key.descending && !key.nullsFirst) return order;
    if (isNull(left) || isNull(right)) return key.nullsFirst ? -order : order;
    return key.descending ? -order : order;
  };
}

function exactComparison(key: SortKey, rows: GroupReader): RowComparison {
  if (key.expression.kind === "key" && key.expression.type === "string") {
    return textComparison(key, key.expression.index, rows);
  }
  const read = exactReader(key.expression, rows);
  const compareExact: RowComparison = (left, right) => compareNullable(read(left), read(right), key);
  const readNumber = numberReader(key.expression, rows);
  if (readNumber === undefined) return compareExact;
  const direction = key.descending ? -1 : 1;
  return (left, right) => {
    const first = readNumber(left);
    const second = readNumber(right);
    if (first < second) return -direction;
    if (first > second) return direction;
    return compareExact(left, right);
  };
}

/** Negative when `left` comes first. Zero only for groups that no output tells apart. */
export function rowComparison(sortKeys: readonly SortKey[], rows: GroupReader): RowComparison {
  const comparisons = sortKeys.map((key) => exactComparison(key, rows));
  return (left, right) => {
    for (const compare of comparisons) {
      const order = compare(left, right);
      if (order !== 0) return order;
    }
    return 0;
  };
}

/**
 * A double for each group that never contradicts the order of the first sort key: smaller comes first, equal decides
 * nothing, and neither does NaN. Undefined where the key has no such number.
 */
export function firstKeyRank(key: SortKey | undefined, rows: GroupReader): ((row: GroupRow) => number) | undefined {
  if (key === undefined) return undefined;
  const read = numberReader(key.expression, rows);
  if (read === undefined) return undefined;
  const { sign, missing } = rankOrder(key);
  return (row) => {
    const rank = read(row) * sign;
    return Number.isNaN(rank) ? missing : rank;
  };
}

/** NULLs that go last rank behind all. Among doubles they cannot be told from NaN, which has a place of its own. */
export function rankOrder({ expression, descending, nullsFirst }: SortKey): RankOrder {
  const isNullLast = !nullsFirst && expression.type !== "f64";
  return { sign: descending ? -1 : 1, missing: isNullLast ? Number.POSITIVE_INFINITY : Number.NaN };
}
