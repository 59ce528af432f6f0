/** Row queries: whatever way the input is cut, the same rows in the same bytes, and those that a plain sort gives. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { finishQuery } from "../../../src/engine/finish/finish-query.js";
import { COMBINED } from "../../../src/engine/formats/access-log.js";
import { Kernels } from "../../../src/engine/kernels/kernels.js";
import { splitLines } from "../../../src/engine/kernels/twins/lines.js";
import type { QueryPlan } from "../../../src/engine/plan.js";
import { compileQuery } from "../../../src/engine/sql/compile-query.js";
import { VertexAccumulator } from "../../../src/engine/vertex-accumulator.js";
import type { Value } from "../../../src/job/result.js";
import { memoryReader, wholeRange } from "../../unit/engine/plans.js";
import { logText } from "./log-text.js";
import { naiveRow } from "./naive-map.js";

const planOf = (sql: string): QueryPlan => compileQuery(sql, { nowMs: 0, fields: COMBINED.fields });

/** More columns than a row has room for keys. */
const WIDE = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? `bytes - ${index}` : `url || ${index}`)).join(
  ", ",
);

const QUERIES = [
  "SELECT bytes, url",
  "SELECT url, status LIMIT 3",
  "SELECT url, status WHERE status = 200 LIMIT 2 OFFSET 1",
  "SELECT status, url ORDER BY bytes DESC, url LIMIT 4",
  "SELECT _raw ORDER BY url NULLS FIRST LIMIT 3",
  `SELECT ${WIDE}, time, status = 200`,
  `SELECT ${WIDE} ORDER BY status DESC, url LIMIT 3`,
  "SELECT CASE WHEN status = 200 THEN url END AS ok ORDER BY 1 LIMIT 5",
];

describe.each(QUERIES)("%s", (sql) => {
  const plan = planOf(sql);
  const whole = new VertexAccumulator(Kernels.instantiate(), plan.map);
  const parts = new VertexAccumulator(Kernels.instantiate(), plan.map);

  test("gives the same partial for any cut into ranges and any order of merging", () => {
    fc.assert(
      fc.property(logText(), fc.array(fc.nat(), { maxLength: 5 }), fc.boolean(), (text, cuts, isReversed) => {
        whole.reset();
        whole.scan(memoryReader(text), wholeRange(text));
        const sealed = whole.seal();
        const borders = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
        const partials = borders.slice(1).map((end, index) => {
          parts.reset();
          parts.scan(memoryReader(text), { ...wholeRange(text), start: borders[index] ?? 0, end });
          return parts.seal();
        });
        parts.reset();
        for (const partial of isReversed ? partials.toReversed() : partials) parts.absorb(partial);
        expect(Buffer.compare(parts.seal(), sealed)).toBe(0);
        parts.absorb(sealed.slice());
        expect(parts.groupCount).toBe(whole.groupCount);
      }),
      { numRuns: 60 },
    );
  });

  test("keeps no more rows than the limit in a partial", () => {
    fc.assert(
      fc.property(logText(), (text) => {
        whole.reset();
        whole.scan(memoryReader(text), wholeRange(text));
        whole.seal();
        expect(whole.groupCount).toBeLessThanOrEqual(plan.map.rows?.limit ?? Number.POSITIVE_INFINITY);
      }),
      { numRuns: 40 },
    );
  });
});

test("rows come in the order of files and lines, as a plain reading of the files gives them", () => {
  const plan = planOf("SELECT status, bytes, url WHERE bytes > 0 LIMIT 7 OFFSET 1");
  const accumulator = new VertexAccumulator(Kernels.instantiate(), plan.map);
  fc.assert(
    fc.property(logText(12), logText(12), fc.boolean(), (first, second, isSecondFirst) => {
      accumulator.reset();
      const files = [first, second].map((text, fileIndex) => ({ text, fileIndex }));
      for (const { text, fileIndex } of isSecondFirst ? files.toReversed() : files) {
        accumulator.scan(memoryReader(text), { ...wholeRange(text), fileIndex });
      }
      const expected = [first, second]
        .flatMap((text) => splitLines(text))
        .map((line) => naiveRow("combined", line))
        .filter((row) => row !== undefined)
        .filter((row) => Number(row.get("bytes") ?? 0) > 0)
        .map((row) => ["status", "bytes", "url"].map((name): Value => row.get(name) ?? null))
        .slice(1, 8);
      expect(finishQuery(plan, accumulator.rows(), accumulator.counters).rows).toEqual(expected);
    }),
    { numRuns: 100 },
  );
});

test("a scan that has its rows ends there, and has the same rows", () => {
  const plan = planOf("SELECT url LIMIT 2");
  const line = 'h - - [10/Oct/2000:13:55:36 -0700] "GET /x HTTP/1.1" 200 1\n';
  const text = new TextEncoder().encode(line.repeat(40_000));
  const accumulator = new VertexAccumulator(Kernels.instantiate(), plan.map);
  const rows = accumulator.scan(memoryReader(text), wholeRange(text), { isEnough: (answered) => answered >= 2 });
  expect(rows).toBeGreaterThanOrEqual(2);
  expect(accumulator.counters.lines).toBeLessThan(40_000);
  expect(finishQuery(plan, accumulator.rows(), accumulator.counters).rows).toEqual([["/x"], ["/x"]]);
});
