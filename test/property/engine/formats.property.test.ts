import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatByName } from "../../../src/engine/formats/formats.js";
import { Kernels } from "../../../src/engine/kernels/kernels.js";
import { splitLines } from "../../../src/engine/kernels/twins/lines.js";
import { VertexAccumulator } from "../../../src/engine/vertex-accumulator.js";
import { SAMPLES } from "../../unit/engine/formats/sample-lines.js";
import { aggregate, field, memoryReader, plan, tableOf, wholeRange } from "../../unit/engine/plans.js";
import { naiveMalformed, naiveTable } from "./naive-map.js";

const PIECES = [
  "",
  "-",
  "0",
  "9",
  '"',
  '""',
  "\\",
  "\\u00e9",
  " ",
  "  ",
  "\t",
  ",",
  ":",
  "{",
  "}",
  "[",
  "]",
  "<",
  ">",
  "/",
];
const MORE_PIECES = [
  "=",
  "#",
  "null",
  "true",
  "1e5",
  ".5",
  "-7",
  "Jan",
  "é",
  "\ud83d\ude00",
  "\0",
  "99999999999999999999",
];

/** Lines of a format, most of them with a piece put in, taken out or cut off. */
function damagedLines(lines: readonly string[]): fc.Arbitrary<Uint8Array> {
  const damaged = fc
    .record({
      line: fc.constantFrom(...lines),
      at: fc.nat(),
      cut: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 12 }), fc.constant(10_000)),
      piece: fc.constantFrom(...PIECES, ...MORE_PIECES),
    })
    .map(({ line, at, cut, piece }) => {
      const place = at % (line.length + 1);
      return Buffer.from(line.slice(0, place) + piece + line.slice(place + cut));
    });
  const good = fc.constantFrom(...lines).map((line) => Buffer.from(line));
  return fc
    .array(fc.tuple(fc.oneof(good, { weight: 3, arbitrary: damaged }), fc.constantFrom("\n", "\n", "\r\n")), {
      maxLength: 12,
    })
    .map((all) => new Uint8Array(Buffer.concat(all.flatMap(([line, ending]) => [line, Buffer.from(ending)]))));
}

/** Counts of keys that differ in invalid UTF-8 only are added up. */
function byText(table: readonly (readonly unknown[])[]): ReadonlyMap<string, bigint> {
  const counts = new Map<string, bigint>();
  for (const [key, count] of table) {
    const text = `${typeof key}:${Object.is(key, -0) ? 0 : key}`;
    counts.set(text, (counts.get(text) ?? 0n) + BigInt(count as bigint));
  }
  return counts;
}

const kernels = Kernels.instantiate();

describe("on damaged lines, a scan equals its twin in each field", () => {
  test.each(SAMPLES.map((sample) => [sample.format, sample] as const))("of %s", (format, { lines }) => {
    for (const { name, type } of formatByName(format).fields) {
      if (name === "_file" || name === "_node") continue;
      const map = plan({ keys: [field(name, type)] });
      const accumulator = new VertexAccumulator(kernels, map);
      fc.assert(
        fc.property(damagedLines(lines), (text) => {
          accumulator.reset();
          accumulator.scan(memoryReader(text), wholeRange(text, format));
          const expected = naiveTable(text, map, format);
          expect(byText(tableOf(accumulator, map))).toEqual(byText(expected.table));
          expect(accumulator.counters).toMatchObject({
            lines: expected.lines,
            unparsed: expected.unparsed,
            malformedFields: splitLines(text).reduce((sum, line) => sum + naiveMalformed(format, line, name), 0),
          });
        }),
        { numRuns: 60 },
      );
    }
  });
});

describe("any split of a file gives the same partial", () => {
  test.each(SAMPLES.map((sample) => [sample.format, sample] as const))("of %s", (format, { lines }) => {
    const fields = formatByName(format).fields.filter(({ name }) => name !== "_node");
    const keys = fields.slice(0, 12).map(({ name, type }) => field(name, type));
    const map = plan({ keys, aggregates: [aggregate("count")] });
    const whole = new VertexAccumulator(Kernels.instantiate(), map);
    const parts = new VertexAccumulator(kernels, map);
    fc.assert(
      fc.property(damagedLines(lines), fc.array(fc.nat(), { maxLength: 4 }), (text, cuts) => {
        whole.reset();
        whole.scan(memoryReader(text), wholeRange(text, format));
        parts.reset();
        const borders = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
        borders.slice(1).forEach((end, index) => {
          parts.scan(memoryReader(text), { ...wholeRange(text, format), start: borders[index] ?? 0, end });
        });
        expect(Buffer.compare(parts.seal(), whole.seal())).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
