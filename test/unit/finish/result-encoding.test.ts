import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeResult, encodeResult } from "../../../src/engine/finish/result-encoding.js";
import { NO_COUNTERS, type ResultTable } from "../../../src/job/result.js";

const COLUMNS = [
  { name: 'an "odd" name 12', type: "i64" },
  { name: "f", type: "f64" },
  { name: "s", type: "string" },
  { name: "b", type: "bool" },
  { name: "t", type: "timestamp" },
] as const;

const row = fc.tuple(
  fc.option(fc.bigInt()),
  fc.option(fc.double()),
  fc.option(fc.string({ unit: "binary" })),
  fc.option(fc.boolean()),
  fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
);

describe("an encoded result", () => {
  it("decodes to the same table", () => {
    fc.assert(
      fc.property(fc.array(row), fc.nat(), (rows, lines) => {
        const table: ResultTable = { columns: COLUMNS, rows, counters: { ...NO_COUNTERS, lines } };
        expect(decodeResult(encodeResult(table))).toEqual(table);
      }),
    );
  });

  it("is JSON whose integers have all their digits", () => {
    const table = { columns: COLUMNS.slice(0, 3), rows: [[9007199254740993n, -0, "1\n2"]], counters: NO_COUNTERS };
    expect(new TextDecoder().decode(encodeResult(table))).toBe(
      '{"columns":[{"name":"an \\"odd\\" name 12","type":"i64"},{"name":"f","type":"f64"},{"name":"s","type":"string"}],' +
        '"rows":[[9007199254740993,-0,"1\\n2"]],"counters":{"lines":0,"bytes":0,"unparsed":0,"malformedFields":0}}',
    );
  });
});
