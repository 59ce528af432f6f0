/** What the aggregates mean, computed from all values of a group at once. */

import { estimateDistinct, REGISTER_BITS } from "../../../src/engine/functions/aggregates/approximate-distinct.js";
import { nearestDouble } from "../../../src/engine/functions/aggregates/exact-parts.js";
import { compareValues } from "../../../src/engine/functions/scalar/compare-values.js";
import { binOfDouble, fractionOf, rankOfBytes } from "../../../src/engine/kernels/twins/details.js";
import type { AggregateCall, MapPlan, ValueType } from "../../../src/engine/plan.js";
import type { Value } from "../../../src/job/result.js";

type Known = Exclude<Value, null>;

/** A row's value, and when it was written. Observations come in the order of the file. */
export interface Observation {
  readonly value: Value;
  readonly time: Value;
}

export function naiveAggregate(call: AggregateCall, observations: readonly Observation[]): Value {
  const values = observations.map(({ value }) => value).filter((value): value is Known => value !== null);
  const counts = countsOf(values);
  switch (call.function) {
    case "count":
      return BigInt(values.length);
    case "count_distinct":
      return BigInt(counts.length);
    case "approx_count_distinct":
      return estimated(
        counts.map(([value]) => value),
        call.argument?.type ?? "i64",
      );
    case "first":
      return inTime(observations)[0]?.value ?? null;
    case "last":
      return inTime(observations).at(-1)?.value ?? null;
    case "any_value":
      return inTime(observations).find(({ value }) => value !== null)?.value ?? null;
    default:
      return values.length === 0 ? null : ofSome(call, values.toSorted(compareValues), counts);
  }
}

/** Aggregates that are NULL without values. `sorted` and `counts` ascend. */
function ofSome(call: AggregateCall, sorted: readonly Known[], counts: readonly (readonly [Known, number])[]): Value {
  const [q = 0.5] = call.parameters ?? [];
  const numbers = sorted.map(Number);
  const last = sorted.length - 1;
  switch (call.function) {
    case "min":
      return sorted[0] ?? null;
    case "max":
      return sorted[last] ?? null;
    case "sum":
      return call.argument?.type === "f64"
        ? nearestDouble(unitsOf(numbers), 1n, UNIT_ORDER)
        : sorted.reduce<bigint>((sum, value) => sum + BigInt(value), 0n);
    case "stddev":
      return last === 0 ? null : Math.sqrt(variance(numbers));
    case "median": {
      const [lower = 0, upper = 0] = [numbers[Math.floor(last / 2)], numbers[Math.ceil(last / 2)]];
      return lower + (upper - lower) * 0.5;
    }
    case "quantile":
      return sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? null;
    case "approx_quantile":
      return numbers[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? null;
    case "mode": {
      const most = Math.max(...counts.map(([, count]) => count));
      return counts.find(([, count]) => count === most)?.[0] ?? null;
    }
    case "histogram":
      return JSON.stringify(Object.fromEntries(counts.map(([value, count]) => [`v${value}`, count]))).replaceAll(
        '"v',
        '"',
      );
    default:
      throw new Error(`no twin of ${call.function}`);
  }
}

/** Every finite double is a whole number of 2^-1074. */
const UNIT_ORDER = 1074;

function unitsOf(numbers: readonly number[]): bigint {
  return numbers.reduce((sum, value) => {
    const { fraction, order } = fractionOf(value);
    return sum + fraction * 2n ** BigInt(order - 1);
  }, 0n);
}

function variance(numbers: readonly number[]): number {
  const count = BigInt(numbers.length);
  const squares = numbers.reduce((sum, value) => sum + unitsOf([value]) ** 2n, 0n);
  return nearestDouble(squares * count - unitsOf(numbers) ** 2n, count * (count - 1n), 2 * UNIT_ORDER);
}

/** Each value once with how often it occurs, ascending. */
function countsOf(values: readonly Known[]): readonly (readonly [Known, number])[] {
  const counts = new Map<Known, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([left], [right]) => compareValues(left, right));
}

function inTime(observations: readonly Observation[]): readonly Observation[] {
  const timeOf = ({ time }: Observation): bigint => BigInt(time ?? 0n);
  return observations.toSorted((left, right) => Number(timeOf(left) - timeOf(right)));
}

function estimated(values: readonly Known[], type: ValueType): bigint {
  const ranks = new Map<number, number>();
  for (const value of values) {
    const { register, rank } = rankOfBytes(bytesOfValue(value, type), REGISTER_BITS);
    ranks.set(register, Math.max(rank, ranks.get(register) ?? 0));
  }
  const counts: number[] = [2 ** REGISTER_BITS - ranks.size];
  for (const rank of ranks.values()) counts[rank] = (counts[rank] ?? 0) + 1;
  return values.length === 0 ? 0n : BigInt(Math.round(estimateDistinct(Array.from(counts, (count) => count ?? 0))));
}

/** The bytes that stand for a value in a key. */
function bytesOfValue(value: Known, type: ValueType): Uint8Array {
  if (typeof value === "string") return new TextEncoder().encode(value);
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  if (type === "f64") view.setFloat64(0, Number(value), true);
  else view.setBigInt64(0, BigInt(value), true);
  if (type === "f64" && Number(value) < 0) throw new Error("the tests have no negative doubles here");
  return bytes;
}

/** A table as tests compare it: of approximate quantiles their bins. */
export const comparable = (table: readonly (readonly Value[])[], map: MapPlan): readonly (readonly Value[])[] =>
  table.map((row) =>
    row.map((value, column) => {
      const isBinned = map.aggregates[column - map.keys.length]?.function === "approx_quantile";
      return isBinned && value !== null ? binOfDouble(Number(value)) : value;
    }),
  );
