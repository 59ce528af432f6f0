/**
 * Read access to the groups of a merged table, without a JavaScript object per group: finishing (HAVING, ORDER BY, LIMIT)
 * looks at numbers first and builds values only for the rows that are printed.
 */

import type { Value } from "../../job/result.js";

/** A row handle: opaque, valid until the table changes. */
export type GroupRow = number;

/** All groups, and for each what it is ordered by. */
export interface RankedRows {
  readonly rows: Uint32Array;
  /** NaN for NULL. */
  readonly ranks: Float64Array;
}

export interface GroupRows {
  readonly count: number;
  /** Visits every group once, in no stated order. */
  forEachRow(visit: (row: GroupRow) => void): void;
  isKeyNull(row: GroupRow, key: number): boolean;
  keyValue(row: GroupRow, key: number): Value;
  /** A key of a numeric type, timestamp or bool as a double (rounded beyond 2^53); NaN for NULL. */
  keyNumber(row: GroupRow, key: number): number;
  /** The order of two groups by a key of text: by its bytes, NULL behind all. */
  compareTexts(left: GroupRow, right: GroupRow, key: number): number;
  aggregateValue(row: GroupRow, aggregate: number): Value;
  /** The final values of all groups as doubles, at once; undefined for aggregates that have no such way. */
  rankByAggregate(aggregate: number): RankedRows | undefined;
  /** The final value as a double (rounded beyond 2^53); NaN for NULL. */
  aggregateNumber(row: GroupRow, aggregate: number): number;
}
