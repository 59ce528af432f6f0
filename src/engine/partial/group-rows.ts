/**
 * Read access to the groups of a merged table, without a JavaScript object per group: finishing (HAVING, ORDER BY, LIMIT)
 * looks at numbers first and builds values only for the rows that are printed.
 */

import type { Value } from "../../job/result.js";

/** A row handle: opaque, valid until the table changes. */
export type GroupRow = number;

/** How doubles become ranks, of which the lower ones come first; NaN decides nothing. */
export interface RankOrder {
  readonly sign: 1 | -1;
  /** The rank of NULL and of NaN. */
  readonly missing: number;
}

/** Groups in the order of visits, and for each a double to be ordered by, NaN for NULL. */
export interface RankedRows {
  readonly count: number;
  /**
   * Of the groups numbered `from` up to `end`, those whose double times `sign` is not above `worst`; `missing` stands for
   * that product where there is no double. Valid until the next call.
   */
  rowsAhead(from: number, end: number, order: RankOrder, worst: number): Iterable<GroupRow>;
}

/** Reads groups by their handles. */
export interface GroupReader {
  isKeyNull(row: GroupRow, key: number): boolean;
  keyValue(row: GroupRow, key: number): Value;
  /** A key of a numeric type, timestamp or bool as a double (rounded beyond 2^53); NaN for NULL. */
  keyNumber(row: GroupRow, key: number): number;
  /** The order of two groups by a key of text: by its bytes, NULL behind all. */
  compareTexts(left: GroupRow, right: GroupRow, key: number): number;
  aggregateValue(row: GroupRow, aggregate: number): Value;
  /** The final value as a double (rounded beyond 2^53); NaN for NULL. */
  aggregateNumber(row: GroupRow, aggregate: number): number;
}

export interface GroupRows extends GroupReader {
  readonly count: number;
  /** Visits every group once, in no stated order. */
  forEachRow(visit: (row: GroupRow) => void): void;
  /**
   * The final values of all groups as doubles, of many at once, each part of them valid until the next; undefined for
   * aggregates that have no such way.
   */
  rankByAggregate(aggregate: number): Iterable<RankedRows> | undefined;
}
