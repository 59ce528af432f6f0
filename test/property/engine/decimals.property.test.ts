import fc from "fast-check";
import { expect, test } from "vitest";
import { Kernels } from "../../../src/engine/kernels/kernels.js";
import { VertexAccumulator } from "../../../src/engine/vertex-accumulator.js";
import { bytesOf, field, memoryReader, plan, tableOf, wholeRange } from "../../unit/engine/plans.js";
import { naiveTable } from "./naive-map.js";

/** Numbers of every length up to beyond what is read at once, and what is almost a number. */
const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength: 18 });
const number = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.constantFrom("", "-"), digits, fc.constantFrom("", "."), digits).map((all) => all.join("")),
  },
  { weight: 3, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String) },
  { weight: 3, arbitrary: fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("0", "-0", "0.0", "1.5.2", "--1", "1-1", "9007199254740993", "1e22", "5e-324"),
  },
);

test.each(["f64", "i64"] as const)("numbers are read to %s as their twin reads them", (type) => {
  const format = `json:[["x","${type}"]]`;
  const map = plan({ keys: [field("x", type)] });
  const accumulator = new VertexAccumulator(Kernels.instantiate(), map);
  fc.assert(
    fc.property(fc.array(number, { maxLength: 40 }), (numbers) => {
      const text = bytesOf(numbers.map((written) => `{"x":${written}}`).join("\n"));
      accumulator.reset();
      accumulator.scan(memoryReader(text), wholeRange(text, format));
      const expected = naiveTable(text, map, format);
      expect(tableOf(accumulator, map)).toEqual(expected.table);
      expect(accumulator.counters).toMatchObject({ unparsed: expected.unparsed });
    }),
    { numRuns: 400 },
  );
});
