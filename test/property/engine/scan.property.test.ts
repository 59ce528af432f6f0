import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FORMATS } from "../../../src/engine/formats/formats.js";
import { Kernels } from "../../../src/engine/kernels/kernels.js";
import { splitLines } from "../../../src/engine/kernels/twins/lines.js";
import type { MapPlan } from "../../../src/engine/plan.js";
import { VertexAccumulator } from "../../../src/engine/vertex-accumulator.js";
import {
  aggregate,
  BYTES,
  call,
  EVERY_LISTED_AGGREGATE,
  field,
  literal,
  memoryReader,
  plan,
  STATUS,
  scanned,
  TIME,
  tableOf,
  wholeRange,
} from "../../unit/engine/plans.js";
import { logText } from "./log-text.js";
import { comparable } from "./naive-aggregates.js";
import { naiveMalformed, naiveTable } from "./naive-map.js";

const EVERY_AGGREGATE = [
  aggregate("count"),
  aggregate("count", field("referer")),
  aggregate("sum", BYTES),
  aggregate("min", TIME),
  aggregate("max", BYTES),
  ...EVERY_LISTED_AGGREGATE,
];

const fieldPlans: readonly (readonly [string, string, MapPlan])[] = FORMATS.flatMap((format) =>
  format.fields
    .filter(({ name }) => name !== "_file" && name !== "_node")
    .map(({ name, type }) => [format.name, name, plan({ keys: [field(name, type)] })] as const),
);

describe("a scan equals its twin, line by line,", () => {
  const kernels = Kernels.instantiate();

  test.each(fieldPlans)("in the format %s for the field %s", (format, name, map) => {
    const accumulator = new VertexAccumulator(kernels, map);
    fc.assert(
      fc.property(logText(), (text) => {
        accumulator.reset();
        accumulator.scan(memoryReader(text), wholeRange(text, format));
        const expected = naiveTable(text, map, format);
        expect(mergedByText(tableOf(accumulator, map))).toEqual(mergedByText(expected.table));
        expect(accumulator.counters).toMatchObject({
          lines: expected.lines,
          unparsed: expected.unparsed,
          bytes: text.length,
          malformedFields: splitLines(text).reduce((sum, line) => sum + naiveMalformed(format, line, name), 0),
        });
      }),
      { numRuns: 60 },
    );
  });

  test("for keys of every type together, and every aggregate", () => {
    const map = plan({
      keys: [field("url"), STATUS, field("method"), TIME, field("user_agent")],
      aggregates: EVERY_AGGREGATE,
    });
    fc.assert(
      fc.property(logText(), (text) => {
        const expected = naiveTable(text, map);
        fc.pre(!JSON.stringify(expected.table, withoutBigints).includes("\ufffd"));
        expect(comparable(tableOf(scanned(text, map), map), map)).toEqual(comparable(expected.table, map));
      }),
      { numRuns: 60 },
    );
  });
});

describe("the values of all groups at once", () => {
  const negative = call("i64", "neg", BYTES);
  const ratio = call("f64", "div", call("f64", "cast", negative), literal("f64", 3));
  const map = plan({
    keys: [field("url")],
    aggregates: [
      aggregate("count"),
      aggregate("sum", BYTES),
      aggregate("sum", negative),
      ...[TIME, negative, ratio].flatMap((argument) => [aggregate("min", argument), aggregate("max", argument)]),
      aggregate("count_distinct", BYTES),
    ],
  });

  const orders = fc.record({
    sign: fc.constantFrom(1 as const, -1 as const),
    missing: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY),
  });

  test("equal the values of each", () => {
    fc.assert(
      fc.property(logText(), fc.double(), orders, (text, worst, order) => {
        const rows = scanned(text, map).rows();
        const all: number[] = [];
        rows.forEachRow((row) => all.push(row));
        map.aggregates.forEach(({ function: name }, index) => {
          expect(rows.rankByAggregate(index) === undefined).toBe(name === "count_distinct");
          if (name === "count_distinct") return;
          const rankOf = (row: number): number => {
            const rank = rows.aggregateNumber(row, index) * order.sign;
            return Number.isNaN(rank) ? order.missing : rank;
          };
          for (const bound of [worst, ...all.map(rankOf)]) {
            const ahead = all.filter((row) => !(rankOf(row) > bound));
            const found: number[] = [];
            for (const part of rows.rankByAggregate(index) ?? []) {
              found.push(...part.rowsAhead(0, 1, order, bound), ...part.rowsAhead(1, part.count, order, bound));
            }
            expect(found).toEqual(ahead);
          }
        });
      }),
      { numRuns: 100 },
    );
  });
});

const withoutBigints = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);

/** Adds up the counts of keys that differ in invalid UTF-8 only. */
function mergedByText(table: readonly (readonly unknown[])[]): ReadonlyMap<string, bigint> {
  const counts = new Map<string, bigint>();
  for (const [key, count] of table) {
    const text = `${typeof key}:${key}`;
    counts.set(text, (counts.get(text) ?? 0n) + BigInt(count as bigint));
  }
  return counts;
}

describe("any way to cut the work gives the same partial,", () => {
  const map = plan({ keys: [field("url"), STATUS], aggregates: EVERY_AGGREGATE });
  const whole = new VertexAccumulator(Kernels.instantiate(), map);
  const parts = new VertexAccumulator(Kernels.instantiate(), map);
  const sealedWhole = (text: Uint8Array): Uint8Array => {
    whole.reset();
    whole.scan(memoryReader(text), wholeRange(text));
    return whole.seal();
  };

  test("into ranges of a file", () => {
    fc.assert(
      fc.property(logText(), fc.array(fc.nat(), { maxLength: 6 }), (text, cuts) => {
        parts.reset();
        const borders = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
        borders.slice(1).forEach((end, index) => {
          parts.scan(memoryReader(text), { ...wholeRange(text), start: borders[index] ?? 0, end });
        });
        expect(Buffer.compare(parts.seal(), sealedWhole(text))).toBe(0);
        expect(parts.counters).toEqual(whole.counters);
      }),
      { numRuns: 200 },
    );
  });

  test("into reads of any size", () => {
    fc.assert(
      fc.property(logText(), fc.integer({ min: 1, max: 300 }), (text, mostBytes) => {
        parts.reset();
        parts.scan(memoryReader(text, mostBytes), wholeRange(text));
        expect(Buffer.compare(parts.seal(), sealedWhole(text))).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  test("into partials that are merged in any order and grouping", () => {
    fc.assert(
      fc.property(logText(20), logText(20), logText(20), (a, b, c) => {
        const [left, middle, right] = [a, b, c].map(sealedWhole);
        const merge = (...partials: readonly (Uint8Array | undefined)[]): Uint8Array => {
          parts.reset();
          for (const partial of partials) if (partial !== undefined) parts.absorb(partial);
          return parts.seal();
        };
        const inOrder = merge(left, middle, right);
        expect(Buffer.compare(inOrder, merge(right, left, middle))).toBe(0);
        expect(Buffer.compare(inOrder, merge(merge(left, middle), right))).toBe(0);
        expect(Buffer.compare(inOrder, merge(left, merge(middle, right)))).toBe(0);
        expect(Buffer.compare(inOrder, merge(merge(), inOrder))).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});
