import fc from "fast-check";
import { expect, test } from "vitest";
import { finishQuery } from "../../../src/engine/finish/finish-query.js";
import { COMBINED } from "../../../src/engine/formats/access-log.js";
import { Kernels } from "../../../src/engine/kernels/kernels.js";
import { runFieldProgram } from "../../../src/engine/kernels/twins/field-program.js";
import { splitLines } from "../../../src/engine/kernels/twins/lines.js";
import { compileQuery } from "../../../src/engine/sql/compile-query.js";
import { VertexAccumulator } from "../../../src/engine/vertex-accumulator.js";
import { memoryReader, wholeRange } from "../../unit/engine/plans.js";
import { logText } from "./log-text.js";

test("every line is either a row or one of the unparsed", () => {
  const plan = compileQuery("SELECT _raw FROM unparsed()", { nowMs: 0, fields: COMBINED.fields });
  const accumulator = new VertexAccumulator(Kernels.instantiate(), plan.map);
  fc.assert(
    fc.property(logText(), (text) => {
      accumulator.reset();
      accumulator.scan(memoryReader(text), wholeRange(text));
      const expected = splitLines(text)
        .filter((line) => runFieldProgram(COMBINED, line) === undefined)
        .map((line) => [new TextDecoder("utf-8", { ignoreBOM: true }).decode(line)]);
      const { rows, counters } = finishQuery(plan, accumulator.rows(), accumulator.counters);
      expect(rows).toEqual(expected);
      expect(counters.unparsed).toBe(expected.length);
    }),
    { numRuns: 100 },
  );
});
