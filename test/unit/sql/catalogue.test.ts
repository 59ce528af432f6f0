/** The scalar functions, against tables and against naive twins. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scalarFunction } from "../../../src/engine/functions/catalogue.js";
import { dateOfDays, daysOfDate, isoTimestamp, parseTimestamp } from "../../../src/engine/functions/scalar/calendar.js";
import { castValue } from "../../../src/engine/functions/scalar/cast.js";
import { compareText } from "../../../src/engine/functions/scalar/compare-values.js";
import { matchesLike } from "../../../src/engine/functions/scalar/text.js";
import { truncateTime } from "../../../src/engine/functions/scalar/time.js";
import type { ValueType } from "../../../src/engine/plan.js";
import type { Value } from "../../../src/job/result.js";

function evaluate(name: string, values: readonly Value[], result: ValueType = "bool"): Value {
  const definition = scalarFunction(name);
  if (definition === undefined) throw new Error(`no function ${name}`);
  return definition.evaluate(values, { arguments: values.map(() => "i64"), result });
}

describe("logic and comparison", () => {
  it.each([
    ["and", [true, null], null],
    ["and", [false, null], false],
    ["or", [true, null], true],
    ["or", [false, null], null],
    ["not", [null], null],
    ["eq", [1n, null], null],
    ["lt", ["a", "b"], true],
    ["in", [3n, 1n, null], null],
    ["in", [1n, 1n, null], true],
    ["in", [3n, 1n, 2n], false],
    ["is_null", [null], true],
    ["coalesce", [null, 2n, 3n], 2n],
    ["case", [null, 1n, true, 2n, 3n], 2n],
    ["case", [false, 1n, null], null],
  ] as const)("%s of %o is %s", (name, values, expected) => expect(evaluate(name, values)).toBe(expected));

  it("orders text as its UTF-8 bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (left, right) => {
        const bytes = Buffer.compare(Buffer.from(left), Buffer.from(right));
        expect(Math.sign(compareText(left, right))).toBe(bytes);
      }),
    );
  });
});

describe("arithmetic", () => {
  it.each([
    ["div", [5, 2], 2.5],
    ["div", [1, 0], Number.POSITIVE_INFINITY],
    ["mod", [-7n, 3n], -1n],
    ["mod", [5n, 0n], null],
    ["mod", [-7.5, 2], -1.5],
    ["neg", [3n], -3n],
    ["sub", [null, 1n], null],
  ] as const)("%s of %o is %s", (name, values, expected) => expect(evaluate(name, values, "f64")).toBe(expected));

  it.each([
    ["add", [2n ** 63n - 1n, 1n]],
    ["mul", [2n ** 62n, 2n]],
    ["neg", [-(2n ** 63n)]],
  ] as const)("refuses what %s of %o would wrap", (name, values) => {
    expect(() => evaluate(name, values, "i64")).toThrow(/does not fit into a 64-bit integer/);
  });
});

describe("LIKE", () => {
  it("matches as the regular expression that it stands for", () => {
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "%", "_", "😀", ".") });
    const text = fc.string({ unit: fc.constantFrom("a", "b", "\n", "😀", ".", "%") });
    fc.assert(
      fc.property(text, pattern, (subject, like) => {
        const source = like.replace(/[.]/g, "\\.").replace(/%/g, "[^]*").replace(/_/g, "[^]");
        expect(matchesLike(subject, like)).toBe(new RegExp(`^${source}$`, "u").test(subject));
      }),
      { numRuns: 500 },
    );
  });

  it("stays quadratic at worst", () => {
    expect(matchesLike("a".repeat(5000), `${"a%".repeat(50)}b`)).toBe(false);
  });
});

describe("casts", () => {
  it.each([
    ["404", "string", "i64", 404n],
    [" +7 ", "string", "i64", 7n],
    ["4.5", "string", "i64", 5n],
    ["-2.5", "string", "i64", -3n],
    ["-0.49", "string", "i64", 0n],
    ["1e5", "string", "i64", 100_000n],
    ["25e-1", "string", "i64", 3n],
    ["1.", "string", "i64", 1n],
    [".5", "string", "i64", 1n],
    ["1.499999999999999999", "string", "i64", 1n],
    ["9223372036854775807.4", "string", "i64", 9223372036854775807n],
    ["9223372036854775807.5", "string", "i64", null],
    ["-9223372036854775808.4", "string", "i64", -9223372036854775808n],
    ["9223372036854775808", "string", "i64", null],
    ["0e999999999999", "string", "i64", 0n],
    ["1e-999999999999", "string", "i64", 0n],
    ["1e19", "string", "i64", null],
    [".", "string", "i64", null],
    ["1e", "string", "i64", null],
    ["1.5x", "string", "i64", null],
    ["", "string", "i64", null],
    [" yes", "string", "bool", null],
    [2.5, "f64", "i64", 2n],
    [3.5, "f64", "i64", 4n],
    [-2.5, "f64", "i64", -2n],
    [Number.NaN, "f64", "i64", null],
    ["1e3", "string", "f64", 1000],
    ["0x10", "string", "f64", null],
    ["yes", "string", "bool", true],
    ["maybe", "string", "bool", null],
    [1, "f64", "string", "1.0"],
    [0.0001, "f64", "string", "0.0001"],
    [0.00001, "f64", "string", "1e-05"],
    [-1.5e300, "f64", "string", "-1.5e+300"],
    [1e15, "f64", "string", "1000000000000000.0"],
    [1e16, "f64", "string", "1e+16"],
    [0, "f64", "string", "0.0"],
    [true, "bool", "i64", 1n],
    [0n, "timestamp", "string", "1970-01-01 00:00:00"],
    ["2024-02-30", "string", "timestamp", null],
  ] as const)("%s of type %s to %s is %s", (value, from, to, expected) =>
    expect(castValue(value, from, to)).toBe(expected),
  );
});

describe("the calendar", () => {
  const millis = fc.integer({ min: Date.UTC(-2000, 0), max: Date.UTC(9999, 11, 31) });

  it("agrees with the runtime's dates", () => {
    fc.assert(
      fc.property(millis, (moment) => {
        const date = new Date(moment);
        const days = Math.floor(moment / 86_400_000);
        const civil = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
        expect(dateOfDays(days)).toEqual(civil);
        expect(daysOfDate(civil)).toBe(days);
      }),
    );
  });

  it("writes and reads every microsecond of four-digit years", () => {
    const micros = fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n });
    fc.assert(
      fc.property(micros, (moment) => {
        expect(parseTimestamp(isoTimestamp(moment))).toBe(moment);
      }),
    );
  });

  it.each([
    ["2024-01-31", "2024-01-31T00:00:00Z"],
    ["2024-01-31 12:30", "2024-01-31T12:30:00Z"],
    ["2024-01-31T12:30:59.5+02:00", "2024-01-31T10:30:59.5Z"],
    ["1969-12-31 23:59:59.999999", "1969-12-31T23:59:59.999999Z"],
  ])("reads %s", (text, iso) => {
    const micros = parseTimestamp(text);
    expect(micros === undefined ? undefined : isoTimestamp(micros)).toBe(iso);
  });

  it.each(["", "2024", "2024-13-01", "2023-02-29", "2024-01-31 24:00", "2024-01-31x", "31/Jan/2024"])(
    "does not read %j",
    (text) => expect(parseTimestamp(text)).toBeUndefined(),
  );

  it.each([
    ["second", "2024-05-08T13:45:59Z"],
    ["hour", "2024-05-08T13:00:00Z"],
    ["day", "2024-05-08T00:00:00Z"],
    ["week", "2024-05-06T00:00:00Z"],
    ["month", "2024-05-01T00:00:00Z"],
    ["quarter", "2024-04-01T00:00:00Z"],
    ["year", "2024-01-01T00:00:00Z"],
  ])("truncates to the %s", (unit, expected) => {
    const truncated = truncateTime(unit, parseTimestamp("2024-05-08 13:45:59.25") ?? 0n);
    expect(isoTimestamp(truncated ?? 0n)).toBe(expected);
  });

  it("begins weeks on Mondays, before 1970 too", () => {
    fc.assert(
      fc.property(millis, (moment) => {
        const week = Number((truncateTime("week", BigInt(moment) * 1000n) ?? 0n) / 1000n);
        expect(new Date(week).getUTCDay()).toBe(1);
        expect(moment - week).toBeGreaterThanOrEqual(0);
        expect(moment - week).toBeLessThan(7 * 86_400_000);
      }),
    );
  });
});
