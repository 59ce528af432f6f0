/**
 * The plan of a query: what the SQL compiler produces and everything after it consumes. Plain JSON data, so that it
 * crosses threads and is digested as it is.
 *
 * The map half decides the bytes of a partial and is part of every vertex key; the finish half (HAVING, ORDER BY, LIMIT,
 * output expressions) runs once, on the merged root, and never touches a key.
 */

import { canonicalJson } from "../base/canonical-json.js";
import { digestOf } from "../base/digest.js";
import type { Digest } from "../base/ids.js";

/**
 * `i64`: 64-bit signed. `f64`: double. `bool`. `string`: bytes, by convention UTF-8. `timestamp`: i64 microseconds since
 * 1970 UTC. `interval`: i64 microseconds; only in plans, never a column of a result.
 */
export type ValueType = "i64" | "f64" | "bool" | "string" | "timestamp" | "interval";

/** An i64, timestamp or interval travels as decimal text; a f64 as a number; NULL as null. */
export interface LiteralExpression {
  readonly kind: "literal";
  readonly type: ValueType;
  readonly value: string | number | boolean | null;
}

/** A field of the format, by its contract name (`status`, `url`, `time`, `_raw`, …). */
export interface FieldExpression {
  readonly kind: "field";
  readonly type: ValueType;
  readonly name: string;
}

/**
 * Where a row begins in the input: the place of its file in the manifest times {@link POSITION_FILE_BYTES}, plus the
 * offset of its line. Only as a key of a plan with `rows`.
 */
export interface PositionExpression {
  readonly kind: "position";
  readonly type: "i64";
}

/** A scalar function or operator by its catalogue name (`functions/`), such as `eq`, `and`, `date_trunc`. */
export interface CallExpression {
  readonly kind: "call";
  readonly type: ValueType;
  readonly function: string;
  readonly arguments: readonly Expression[];
}

/** The group key at `index`; only in the finish half. */
export interface KeyExpression {
  readonly kind: "key";
  readonly type: ValueType;
  readonly index: number;
}

/** The final value of the aggregate at `index`; only in the finish half. */
export interface AggregateExpression {
  readonly kind: "aggregate";
  readonly type: ValueType;
  readonly index: number;
}

export type Expression =
  | LiteralExpression
  | FieldExpression
  | PositionExpression
  | CallExpression
  | KeyExpression
  | AggregateExpression;

/** `function` names an aggregate of `functions/`; `argument` is null for `count(*)`; `filter` is FILTER (WHERE …). */
export interface AggregateCall {
  readonly function: string;
  readonly argument: Expression | null;
  readonly filter: Expression | null;
  /** Constants behind the argument, such as the share of a quantile; left out where there are none. */
  readonly parameters?: readonly number[];
}

export interface MapPlan {
  /** Rows for which it is not true are dropped; null keeps all. `--since`/`--until` are folded in. */
  readonly filter: Expression | null;
  readonly keys: readonly Expression[];
  readonly aggregates: readonly AggregateCall[];
  /** True: its rows are the lines that are no rows of their format. */
  readonly ofUnparsed?: true;
  /** For queries that show single rows: each is a group of its own, because its position is one of the keys. */
  readonly rows?: RowSelection;
}

/** Which rows a partial of a row query keeps: of any that are merged, the first ones in a total order. */
export interface RowSelection {
  /** LIMIT and OFFSET together; null keeps all. */
  readonly limit: number | null;
  /** Over the keys, as in the finish half; the position comes last at the latest. */
  readonly orderBy: readonly SortKey[];
}

export interface OutputColumn {
  readonly name: string;
  readonly expression: Expression;
}

export interface SortKey {
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

export interface FinishPlan {
  readonly columns: readonly OutputColumn[];
  readonly having: Expression | null;
  /** As written; ties go by the remaining output columns, then by the group keys, ascending, NULLS LAST. */
  readonly orderBy: readonly SortKey[];
  readonly limit: number | null;
  readonly offset: number;
}

export interface QueryPlan {
  readonly map: MapPlan;
  readonly finish: FinishPlan;
  /** The argument of FROM: null for `logs` or none, else the quoted text, a path glob or `NAME:glob`. */
  readonly from: string | null;
}

/** Longest file that positions can tell apart, and what a place in the manifest counts in a position. */
export const POSITION_FILE_BYTES = 2 ** 44;

/** The LIMIT of a plan whose rows come in the order of the input, so that a scan may stop early; undefined for others. */
export function inputOrderLimit({ keys, rows }: MapPlan): number | undefined {
  const [first] = rows?.orderBy ?? [];
  if (rows === undefined || rows.limit === null || first?.expression.kind !== "key" || first.descending)
    return undefined;
  return keys[first.expression.index]?.kind === "position" ? rows.limit : undefined;
}

export const mapPlanDigest = (map: MapPlan): Digest => digestOf("logmr map plan\0", canonicalJson(map));
