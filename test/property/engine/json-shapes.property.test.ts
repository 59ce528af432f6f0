import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Kernels } from "../../../src/engine/kernels/kernels.js";
import { BATCH_ROWS } from "../../../src/engine/kernels/layout.js";
import { VertexAccumulator } from "../../../src/engine/vertex-accumulator.js";
import { aggregate, field, memoryReader, plan, tableOf, wholeRange } from "../../unit/engine/plans.js";
import { naiveTable } from "./naive-map.js";

const FORMAT =
  'json:[["level","string"],["took","f64"],["http","string"],["http","status","i64"],["http","path","string"],["list","string"]]';
const FIELDS = [
  field("level", "string"),
  field("took", "f64"),
  field("http", "string"),
  field("http.status", "i64"),
  field("http.path", "string"),
  field("list", "string"),
];

const LONG_KEY = "a key that is longer than what is kept of the text between two values";

const string = fc
  .oneof(
    fc.constantFrom("", "info", "warn", 'with \\"quotes\\"', "\\\\", "\\", "\\n", "é", "/x"),
    fc.integer({ min: 0, max: 90 }).map((length) => "abcdefghij".repeat(9).slice(0, length)),
  )
  .map((text) => `"${text}"`);
const scalar = fc.oneof(
  { weight: 4, arbitrary: string },
  { weight: 3, arbitrary: fc.constantFrom("0", "200", "-1.5", "12.345", "1e3", "123456789012345678901") },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "true",
      "false",
      "null",
      ".5",
      "1/2",
      "-",
      "1.",
      '["x]",{"y":1}]',
      "[]",
      "+1",
      "",
      "nul",
      "{}",
    ),
  },
);

const KEYS = ["level", "took", "list", "other", LONG_KEY];
const HTTP_KEYS = ["status", "path", "size"];

interface Shape {
  readonly keys: readonly string[];
  readonly httpAt: number;
  readonly httpKeys: readonly string[];
  readonly blank: string;
}

const shape: fc.Arbitrary<Shape> = fc.record({
  keys: fc.array(fc.constantFrom(...KEYS), { maxLength: 6 }),
  httpAt: fc.integer({ min: -2, max: 6 }),
  httpKeys: fc.array(fc.constantFrom(...HTTP_KEYS), { maxLength: 4 }),
  blank: fc.constantFrom("", "", " ", "\t "),
});

function lineOf({ keys, httpAt, httpKeys, blank }: Shape, values: readonly string[]): string {
  let next = 0;
  const member = (key: string): string => {
    const value = values[next % values.length] ?? "0";
    next += 1;
    return `"${key}"${blank}:${blank}${value}`;
  };
  const join = (members: readonly string[]): string => `{${blank}${members.join(`${blank},${blank}`)}${blank}}`;
  const members = keys.map(member);
  if (httpAt >= 0) members.splice(httpAt, 0, `"http"${blank}:${blank}${join(httpKeys.map(member))}`);
  return `${blank}${join(members)}${blank}`;
}

/** Lines of a few shapes, mixed; some are cut, or have something behind them. */
const log = fc
  .tuple(
    fc.array(shape, { minLength: 1, maxLength: 12 }),
    fc.array(
      fc.record({
        shape: fc.nat(),
        values: fc.array(scalar, { minLength: 1, maxLength: 9 }),
        cut: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 30 })),
        tail: fc.oneof({ weight: 9, arbitrary: fc.constant("") }, fc.constantFrom(" ", "}", " x", ",", "{}")),
      }),
      { maxLength: 60 },
    ),
  )
  .map(([shapes, lines]) =>
    lines.map((line) => {
      const text = lineOf(shapes[line.shape % shapes.length] as Shape, line.values);
      return (line.cut === 0 ? text : text.slice(0, -line.cut)) + line.tail;
    }),
  );

const kernels = Kernels.instantiate();

function scanned(accumulator: VertexAccumulator, map: ReturnType<typeof plan>, text: Uint8Array) {
  accumulator.reset();
  accumulator.scan(memoryReader(text), wholeRange(text, FORMAT));
  return { table: tableOf(accumulator, map), counters: accumulator.counters };
}

describe("shapes of JSON lines", () => {
  it("leave every token and every row as the twin has them, whatever shapes were seen before", () => {
    const maps = FIELDS.map((key) => plan({ keys: [key], aggregates: [aggregate("count")] }));
    for (const map of maps) {
      const accumulator = new VertexAccumulator(kernels, map);
      fc.assert(
        fc.property(log, (lines) => {
          const text = new Uint8Array(Buffer.from(lines.join("\n")));
          const { table, counters } = scanned(accumulator, map, text);
          const expected = naiveTable(text, map, FORMAT);
          expect(table).toEqual(expected.table);
          expect(counters).toMatchObject({ lines: expected.lines, unparsed: expected.unparsed });
        }),
        { numRuns: 150 },
      );
    }
  });

  it("hold over several batches of more shapes than are kept", () => {
    const map = plan({ keys: FIELDS, aggregates: [aggregate("count")] });
    const accumulator = new VertexAccumulator(kernels, map);
    const keysOf = (bits: number): string[] => KEYS.slice(0, 4).filter((_, index) => (bits >> index) % 2 === 1);
    const lines = Array.from({ length: 3 * BATCH_ROWS }, (_, index) =>
      lineOf({ keys: keysOf(index * 7 + (index >> 9)), httpAt: (index >> 4) % 3, httpKeys: HTTP_KEYS, blank: "" }, [
        `"${index % 3}"`,
        String(index % 5),
      ]),
    );
    const text = new Uint8Array(Buffer.from(lines.join("\n")));
    const { table, counters } = scanned(accumulator, map, text);
    const expected = naiveTable(text, map, FORMAT);
    expect(table).toEqual(expected.table);
    expect(counters).toMatchObject({ lines: lines.length, unparsed: 0 });
  });

  it("take values of every length where most lines fit, with some among them that do not", () => {
    const map = plan({ keys: FIELDS.slice(0, 2), aggregates: [aggregate("count")] });
    const lengths = fc.array(fc.integer({ min: 0, max: 140 }), { minLength: 1, maxLength: 5 });
    const odd = fc.oneof(string, fc.constantFrom("null", "1e-5", "12", "x", '"'));
    fc.assert(
      fc.property(
        fc.array(lengths, { minLength: 1, maxLength: 6 }),
        fc.constantFrom("other", "a key of 15 byt", LONG_KEY.slice(0, 20), LONG_KEY.slice(0, 27), LONG_KEY),
        fc.array(fc.record({ at: fc.nat({ max: 399 }), member: fc.nat({ max: 4 }), value: odd }), { maxLength: 12 }),
        (stretches, key, odds) => {
          const lines = Array.from({ length: 400 }, (_, index) => {
            const stretch = stretches[Math.floor((index * stretches.length) / 400)] ?? [];
            const text = (place: number): string => "x".repeat(stretch[(index + place) % stretch.length] ?? 0);
            const values = [`"${text(0)}"`, `"${text(1)}"`, String(index % 7), `${index % 3}.5`, `"${text(2)}"`];
            for (const { at, member, value } of odds) if (at === index) values[member] = value;
            return `{"${key}":${values[0]},"level":${values[1]},"${key}":${values[2]},"took":${values[3]},"end":${values[4]}}`;
          });
          const text = new Uint8Array(Buffer.from(lines.join("\n")));
          const { table, counters } = scanned(new VertexAccumulator(kernels, map), map, text);
          const expected = naiveTable(text, map, FORMAT);
          expect(table).toEqual(expected.table);
          expect(counters).toMatchObject({ lines: expected.lines, unparsed: expected.unparsed });
        },
      ),
      { numRuns: 120 },
    );
  });
});
