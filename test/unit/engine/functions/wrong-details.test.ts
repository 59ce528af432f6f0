import { describe, expect, test } from "vitest";
import { listedAggregate } from "../../../../src/engine/functions/aggregates/aggregates.js";
import type { Details } from "../../../../src/engine/functions/aggregates/listed-aggregate.js";
import { PartialError } from "../../../../src/engine/partial/partial-error.js";
import type { ValueType } from "../../../../src/engine/plan.js";

/** Details with these keys, whose accumulators hold `low` and 1. */
function details(keys: readonly bigint[], low: bigint): Details {
  const memory = new DataView(new ArrayBuffer(16));
  memory.setBigUint64(0, low, true);
  memory.setBigUint64(8, 1n, true);
  return {
    count: keys.length,
    key: (index) => keys[index] ?? null,
    compareTexts: () => 0,
    accumulator: () => 0,
    memory,
  };
}

describe("details that no kernel writes are an error, not a number:", () => {
  const oneTooMany = Array.from({ length: 2 ** 15 + 1 }, (_, index) => BigInt(index));
  test.each<[string, string, ValueType, Details]>([
    ["a part beyond the doubles", "sum", "f64", details([205n], 1n)],
    ["a part far beyond them", "stddev", "f64", details([2n ** 62n], 1n)],
    ["a part below them", "sum", "f64", details([-1n], 1n)],
    ["a rank of 0", "approx_count_distinct", "i64", details([1n], 0n)],
    ["a rank above the highest", "approx_count_distinct", "i64", details([1n], 51n)],
    ["too many registers", "approx_count_distinct", "i64", details(oneTooMany, 1n)],
    ["a bin of no integer", "approx_quantile", "i64", details([2n ** 17n - 1n], 1n)],
  ])("%s", (_what, name, type, wrong) => {
    expect(() => listedAggregate(name, type)?.value(wrong, type, [])).toThrow(PartialError);
  });
});
