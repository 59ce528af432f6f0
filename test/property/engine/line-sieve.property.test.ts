import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatByName } from "../../../src/engine/formats/formats.js";
import { Kernels } from "../../../src/engine/kernels/kernels.js";
import { BATCH_ROWS } from "../../../src/engine/kernels/layout.js";
import { splitLines } from "../../../src/engine/kernels/twins/lines.js";
import { sieveOf } from "../../../src/engine/operators/line-sieve.js";
import type { Expression } from "../../../src/engine/plan.js";
import { VertexAccumulator } from "../../../src/engine/vertex-accumulator.js";
import { aggregate, call, field, literal, memoryReader, plan, tableOf, wholeRange } from "../../unit/engine/plans.js";
import { naiveTable } from "./naive-map.js";

const RAW = field("_raw");
const like = (pattern: string): Expression => call("bool", "like", RAW, literal("string", pattern));
const counted = (filter: Expression) => plan({ filter, aggregates: [aggregate("count"), aggregate("last", RAW)] });

const NEEDLES = [
  "abc",
  "aab",
  "aaaa",
  "é/é",
  "abcabcabcabcabca",
  "abcabcabcabcabcab",
  "abcabcabcabcabcabcabcabcabcabcabcabcabcabc",
];

/** Texts in which the needles, and what looks like them, are frequent or rare. */
const text = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom("a", "b", "c", "ab", "aa", "\n", "\r\n", "é", "/", "\0") },
      { weight: 2, arbitrary: fc.constantFrom(...NEEDLES) },
      { weight: 2, arbitrary: fc.integer({ min: 1, max: 200 }).map((length) => "x".repeat(length)) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 70 }).map((lines) => "y\n".repeat(lines)) },
    ),
    { maxLength: 80 },
  )
  .map((pieces) => new Uint8Array(Buffer.from(pieces.join(""))));

const kernels = Kernels.instantiate();

describe("a sieve of lines", () => {
  it.each(NEEDLES)("finds the lines with %j, and counts all lines", (needle) => {
    const map = counted(like(`%${needle}%`));
    expect(sieveOf(map, formatByName("plain"))).toBeDefined();
    const accumulator = new VertexAccumulator(kernels, map);
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 300 }), (bytes, readBytes) => {
        accumulator.reset();
        accumulator.scan(memoryReader(bytes, readBytes), wholeRange(bytes, "plain"));
        const expected = naiveTable(bytes, map, "plain");
        expect(tableOf(accumulator, map)).toEqual(expected.table);
        expect(accumulator.counters).toEqual({
          lines: splitLines(bytes).length,
          bytes: bytes.length,
          unparsed: 0,
          malformedFields: 0,
        });
      }),
      { numRuns: 300 },
    );
  });

  it("gives the same bytes for any cut into ranges", () => {
    const map = counted(like("%abc%"));
    const whole = new VertexAccumulator(Kernels.instantiate(), map);
    const parts = new VertexAccumulator(kernels, map);
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 5 }), (bytes, cuts) => {
        whole.reset();
        whole.scan(memoryReader(bytes), wholeRange(bytes, "plain"));
        parts.reset();
        const borders = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
        borders.slice(1).forEach((end, index) => {
          parts.scan(memoryReader(bytes), { ...wholeRange(bytes, "plain"), start: borders[index] ?? 0, end });
        });
        expect(parts.seal()).toEqual(whole.seal());
      }),
      { numRuns: 300 },
    );
  });

  it("goes on after a batch is full", () => {
    const map = counted(like("%abc%"));
    const accumulator = new VertexAccumulator(kernels, map);
    const bytes = new Uint8Array(Buffer.from("abc\nx\n".repeat(3 * BATCH_ROWS)));
    accumulator.scan(memoryReader(bytes), wholeRange(bytes, "plain"));
    expect(tableOf(accumulator, map)).toEqual([[BigInt(3 * BATCH_ROWS), "abc"]]);
    expect(accumulator.counters.lines).toBe(6 * BATCH_ROWS);
  });
});

describe("what is sieved for", () => {
  const textOf = (filter: Expression, format = "plain"): string | undefined => {
    const needle = sieveOf(counted(filter), formatByName(format));
    return needle === undefined ? undefined : Buffer.from(needle.bytes).toString();
  };
  const of = (name: string, wanted: string): Expression => call("bool", name, RAW, literal("string", wanted));

  it.each([
    [like("%GET%lantern_x%"), "lantern"],
    [of("contains", "word"), "word"],
    [of("starts_with", "word"), "word"],
    [of("ends_with", "word"), "word"],
    [of("eq", "word"), "word"],
    [of("regexp_matches", "Firefox/1[0-9]+"), "Firefox/1"],
    [call("bool", "and", like("%abc%"), of("contains", "longer")), "longer"],
  ])("by %j is %j", (filter, expected) => {
    expect(textOf(filter)).toBe(expected);
  });

  it.each([
    ["a word in either of two texts", call("bool", "or", like("%abc%"), like("%def%"))],
    ["a word that must not be there", call("bool", "not", like("%abc%"))],
    ["letters of either case", call("bool", "ilike", RAW, literal("string", "%abc%"))],
    ["a word that is too short", like("%ab%")],
    ["a word of two lines", like("%abc\ndef%")],
    ["a pattern without a word", of("regexp_matches", "[a-c]+")],
    [
      "what is counted where it does not convert",
      call("bool", "and", like("%abc%"), call("bool", "gt", call("i64", "cast", RAW), literal("i64", "5"))),
    ],
  ])("is nothing for %s", (_, filter) => {
    expect(textOf(filter)).toBeUndefined();
  });

  it("is nothing where a line must parse to be a row", () => {
    expect(textOf(like("%abc%"), "combined")).toBeUndefined();
  });

  it("is nothing where the lines that are no rows are asked for", () => {
    expect(sieveOf({ ...counted(like("%abc%")), ofUnparsed: true }, formatByName("plain"))).toBeUndefined();
  });
});
