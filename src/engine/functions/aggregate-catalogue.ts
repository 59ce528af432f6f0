/** The aggregates of queries by name: over what, with which constants, and of which type. */

import type { AggregateCall, ValueType } from "../plan.js";

export interface AggregateFunction {
  readonly name: string;
  /** Types of the argument; the binder casts nothing but bool to i64 for `sum` and `avg`. */
  readonly takes: readonly ValueType[];
  resultType(argument: ValueType): ValueType;
  /** Whether the share of a quantile, a constant from 0 to 1, follows the argument. */
  readonly takesShare: boolean;
}

const NUMBERS: readonly ValueType[] = ["i64", "f64"];
const EVERY_TYPE: readonly ValueType[] = ["i64", "f64", "bool", "timestamp", "interval", "string"];
const same = (argument: ValueType): ValueType => argument;
const count = (): ValueType => "i64";
const double = (): ValueType => "f64";

const entry = (
  name: string,
  takes: readonly ValueType[],
  resultType: AggregateFunction["resultType"],
  takesShare = false,
): AggregateFunction => ({ name, takes, resultType, takesShare });

const AGGREGATES: readonly AggregateFunction[] = [
  entry("any_value", EVERY_TYPE, same),
  entry("approx_count_distinct", EVERY_TYPE, count),
  entry("approx_quantile", NUMBERS, same, true),
  entry("count", EVERY_TYPE, count),
  entry("first", EVERY_TYPE, same),
  entry("histogram", ["i64", "f64", "bool", "string"], () => "string"),
  entry("last", EVERY_TYPE, same),
  entry("max", EVERY_TYPE, same),
  entry("median", NUMBERS, double),
  entry("min", EVERY_TYPE, same),
  entry("mode", ["i64", "f64", "bool", "timestamp", "string"], same),
  entry("quantile", [...NUMBERS, "timestamp"], same, true),
  entry("stddev", NUMBERS, double),
  entry("sum", NUMBERS, same),
];

/** What `count(DISTINCT x)` is in a plan. */
export const COUNT_DISTINCT = entry("count_distinct", EVERY_TYPE, count);

/** Quantiles with names of their own: `approx_quantile` with this share. */
export const NAMED_QUANTILES: ReadonlyMap<string, number> = new Map([
  ["p50", 0.5],
  ["p90", 0.9],
  ["p95", 0.95],
  ["p99", 0.99],
  ["p999", 0.999],
]);

const BY_NAME: ReadonlyMap<string, AggregateFunction> = new Map(AGGREGATES.map((known) => [known.name, known]));

export const aggregateFunction = (name: string): AggregateFunction | undefined => BY_NAME.get(name);

/** The type of what an aggregate of a plan comes to. */
export function resultTypeOf(call: AggregateCall): ValueType {
  const known = call.function === COUNT_DISTINCT.name ? COUNT_DISTINCT : aggregateFunction(call.function);
  if (known === undefined) throw new RangeError(`the catalogue has no aggregate ${call.function}`);
  return known.resultType(call.argument?.type ?? "i64");
}

/** Names that a query may write: `avg` is the sum by the count, and no aggregate of its own. */
export const AGGREGATE_NAMES: readonly string[] = ["avg", ...NAMED_QUANTILES.keys(), ...BY_NAME.keys()].sort();

/** Other names of aggregates. */
export const AGGREGATE_SYNONYMS: ReadonlyMap<string, string> = new Map([
  ["arbitrary", "any_value"],
  ["mean", "avg"],
  ["quantile_disc", "quantile"],
  ["stddev_samp", "stddev"],
]);
