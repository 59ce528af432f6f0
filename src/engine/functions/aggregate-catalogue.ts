/** The aggregates of queries by name: which exist, over what, and which are known but not supported yet. */

import type { ValueType } from "../plan.js";

export interface AggregateFunction {
  readonly name: string;
  /** Argument types it takes; the binder casts nothing but bool to i64 for `sum` and `avg`. */
  readonly takes: readonly ValueType[];
  resultType(argument: ValueType): ValueType;
}

const FIXED_WIDTH: readonly ValueType[] = ["i64", "f64", "bool", "timestamp", "interval"];

const AGGREGATES: readonly AggregateFunction[] = [
  { name: "count", takes: [...FIXED_WIDTH, "string"], resultType: () => "i64" },
  { name: "sum", takes: ["i64", "f64"], resultType: (argument) => argument },
  { name: "min", takes: FIXED_WIDTH, resultType: (argument) => argument },
  { name: "max", takes: FIXED_WIDTH, resultType: (argument) => argument },
];

const BY_NAME: ReadonlyMap<string, AggregateFunction> = new Map(AGGREGATES.map((entry) => [entry.name, entry]));

export const aggregateFunction = (name: string): AggregateFunction | undefined => BY_NAME.get(name);

/** Names that a query may write: `avg` is the sum by the count, and no aggregate of its own. */
export const AGGREGATE_NAMES: readonly string[] = ["avg", ...BY_NAME.keys()].sort();

/** Aggregates of the query language that this version refuses by name. */
export const UNSUPPORTED_AGGREGATES: ReadonlySet<string> = new Set([
  "any_value",
  "approx_count_distinct",
  "approx_quantile",
  "first",
  "histogram",
  "last",
  "median",
  "mode",
  "p50",
  "p90",
  "p95",
  "p99",
  "p999",
  "quantile",
  "stddev",
]);

/** Scalar functions of the query language that this version refuses by name. */
export const UNSUPPORTED_FUNCTIONS: ReadonlySet<string> = new Set([
  "ip_prefix",
  "is_bot",
  "regexp_extract",
  "regexp_matches",
  "time_bucket",
  "ua_browser",
  "ua_os",
  "url_host",
  "url_param",
  "url_path",
]);
