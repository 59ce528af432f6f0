/** Whatever fits the memory, and whoever put the rest aside: the same partial in the same bytes, the same answer. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answerOf } from "../../../src/engine/finish/answer.js";
import { finishQuery } from "../../../src/engine/finish/finish-query.js";
import { COMBINED } from "../../../src/engine/formats/access-log.js";
import { Kernels } from "../../../src/engine/kernels/kernels.js";
import type { MapPlan, QueryPlan } from "../../../src/engine/plan.js";
import { compileQuery } from "../../../src/engine/sql/compile-query.js";
import { VertexAccumulator } from "../../../src/engine/vertex-accumulator.js";
import { inMemory } from "../../../src/job/result.js";
import { memorySpace } from "../../unit/engine/memory-space.js";
import {
  aggregate,
  BYTES,
  EVERY_LISTED_AGGREGATE,
  field,
  memoryReader,
  plan,
  STATUS,
  wholeRange,
} from "../../unit/engine/plans.js";
import { logText } from "./log-text.js";

/** The first two are below what empty tables take: everything is put aside after each batch. */
const budgets = fc.constantFrom(100_000, 250_000, 3_000_000, 100_000_000);
const cutPlaces = fc.array(fc.nat(), { maxLength: 6 });

const bounded = (map: MapPlan, bytes: number): VertexAccumulator =>
  new VertexAccumulator(Kernels.instantiate(), map, undefined, { bytes, space: memorySpace() });

function rangesOf(text: Uint8Array, cuts: readonly number[]): readonly { start: number; end: number }[] {
  const borders = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  return borders.slice(1).map((end, index) => ({ start: borders[index] ?? 0, end }));
}

function scanParts(accumulator: VertexAccumulator, text: Uint8Array, cuts: readonly number[]): void {
  for (const range of rangesOf(text, cuts)) accumulator.scan(memoryReader(text), { ...wholeRange(text), ...range });
}

describe("any budget gives the same partial,", () => {
  const map = plan({
    keys: [field("url"), STATUS],
    aggregates: [aggregate("count"), aggregate("sum", BYTES), aggregate("max", BYTES), ...EVERY_LISTED_AGGREGATE],
  });
  const whole = new VertexAccumulator(Kernels.instantiate(), map);
  const sealedWhole = (text: Uint8Array): Uint8Array => {
    whole.reset();
    whole.scan(memoryReader(text), wholeRange(text));
    return whole.seal();
  };

  test("of ranges that are scanned", () => {
    fc.assert(
      fc.property(logText(), cutPlaces, budgets, (text, cuts, bytes) => {
        const accumulator = bounded(map, bytes);
        scanParts(accumulator, text, cuts);
        expect(Buffer.compare(accumulator.seal(), sealedWhole(text))).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  test("of partials that are merged", () => {
    fc.assert(
      fc.property(logText(), cutPlaces, budgets, (text, cuts, bytes) => {
        const accumulator = bounded(map, bytes);
        for (const range of rangesOf(text, cuts)) {
          const part = new VertexAccumulator(Kernels.instantiate(), map);
          part.scan(memoryReader(text), { ...wholeRange(text), ...range });
          accumulator.absorb(part.seal());
        }
        expect(Buffer.compare(accumulator.seal(), sealedWhole(text))).toBe(0);
      }),
      { numRuns: 20 },
    );
  });

  test("and an accumulator that is used again keeps nothing of before", () => {
    const accumulator = bounded(map, 250_000);
    fc.assert(
      fc.property(logText(), cutPlaces, (text, cuts) => {
        accumulator.reset();
        scanParts(accumulator, text, cuts);
        expect(Buffer.compare(accumulator.seal(), sealedWhole(text))).toBe(0);
      }),
      { numRuns: 20 },
    );
  });
});

const planOf = (sql: string): QueryPlan => compileQuery(sql, { nowMs: 0, fields: COMBINED.fields });

describe.each([
  "SELECT url, count(*) GROUP BY url",
  "SELECT url, status, sum(bytes) AS sent, min(bytes) GROUP BY url, status ORDER BY sent DESC LIMIT 3",
  "SELECT status, count(*) AS n GROUP BY status HAVING n > 1 ORDER BY n DESC, status LIMIT 2 OFFSET 1",
  "SELECT count(*), count(DISTINCT url), count(DISTINCT status)",
  "SELECT url, count(DISTINCT status) AS kinds, count(DISTINCT referer) GROUP BY url ORDER BY kinds DESC",
  "SELECT user_agent, status, count(DISTINCT url), max(url), mode(bytes) GROUP BY 1, 2",
  "SELECT status, median(bytes), p90(bytes), stddev(bytes), sum(bytes / 3), first(url), histogram(status) GROUP BY 1",
  "SELECT url, first(user_agent) AS f, count(*) GROUP BY url ORDER BY f NULLS FIRST, 1 DESC LIMIT 4",
  "SELECT bytes, url, _raw",
  "SELECT url, status WHERE status = 200 ORDER BY bytes DESC, url LIMIT 5 OFFSET 1",
])("%s", (sql) => {
  const query = planOf(sql);
  const whole = new VertexAccumulator(Kernels.instantiate(), query.map);
  const expectedOf = (text: Uint8Array) => {
    whole.reset();
    whole.scan(memoryReader(text), wholeRange(text));
    return finishQuery(query, whole.rows(), whole.counters);
  };

  test("has one answer, whatever fits the memory", () => {
    fc.assert(
      fc.property(logText(), cutPlaces, budgets, (text, cuts, bytes) => {
        const accumulator = bounded(query.map, bytes);
        scanParts(accumulator, text, cuts);
        const expected = expectedOf(text);
        const { table, groups } = answerOf(query, accumulator);
        expect(table.rows.length).toBe(expected.rows.length);
        expect(inMemory(table)).toEqual(expected);
        expect(inMemory(table)).toEqual(expected);
        if (query.map.keys.length > 0 && query.map.rows === undefined) expect(groups).toBe(whole.groupCount);
      }),
      { numRuns: 25 },
    );
  });

  test("has one answer, whichever threads put rows aside", () => {
    fc.assert(
      fc.property(logText(), cutPlaces, fc.array(budgets, { minLength: 1, maxLength: 3 }), (text, cuts, bytes) => {
        const threads = bytes.map((budget) => bounded(query.map, budget));
        rangesOf(text, cuts).forEach((range, index) => {
          threads[index % threads.length]?.scan(memoryReader(text), { ...wholeRange(text), ...range });
        });
        const [first, ...others] = threads;
        if (first === undefined) return;
        for (const other of others) {
          const runs = other.spilledRuns();
          if (runs === undefined) for (const block of other.rowBlocks()) first.absorbRows(block);
          else first.absorbRuns(runs);
          first.addCounters(other.counters);
        }
        expect(inMemory(answerOf(query, first).table)).toEqual(expectedOf(text));
      }),
      { numRuns: 25 },
    );
  });
});
