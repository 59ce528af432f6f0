/** Slices of partials by the hashes of their groups, and what of a part can be in an answer. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answerQuery } from "../../../src/engine/finish/finish-query.js";
import { sealFirstRows } from "../../../src/engine/finish/seal-first-rows.js";
import { Kernels } from "../../../src/engine/kernels/kernels.js";
import { isSliceable, PartialSlicer, partialSize } from "../../../src/engine/partial/slice-partial.js";
import type { MapPlan, QueryPlan } from "../../../src/engine/plan.js";
import { compileQuery } from "../../../src/engine/sql/compile-query.js";
import { VertexAccumulator } from "../../../src/engine/vertex-accumulator.js";
import { hashParts } from "../../../src/job/hash-part.js";
import type { Value } from "../../../src/job/result.js";
import { aggregate, BYTES, field, memoryReader, plan, STATUS, TIME, wholeRange } from "../../unit/engine/plans.js";
import { FIELDS } from "../../unit/sql/fields.js";
import { logText } from "./log-text.js";

const MAP = plan({
  keys: [field("url"), STATUS, field("remote_addr")],
  aggregates: [aggregate("count"), aggregate("sum", BYTES), aggregate("min", TIME), aggregate("max", BYTES)],
});

const bits = fc.integer({ min: 0, max: 10 });
const slicer = new PartialSlicer();

function accumulatorOf(map: MapPlan) {
  const accumulator = new VertexAccumulator(Kernels.instantiate(), map);
  return {
    accumulator,
    sealed: (text: Uint8Array): Uint8Array => {
      accumulator.reset();
      accumulator.scan(memoryReader(text), wholeRange(text));
      return accumulator.seal();
    },
    merged: (partials: readonly Uint8Array[]): Uint8Array => {
      accumulator.reset();
      for (const partial of partials) accumulator.absorb(partial);
      return accumulator.seal();
    },
  };
}

const slicesOf = (partial: Uint8Array, width: number): readonly Uint8Array[] =>
  hashParts(width).map((part) => slicer.slice(partial, part));

describe("the slices of a partial", () => {
  const { sealed, merged } = accumulatorOf(MAP);

  test("merge to it, in any number of them and in any order", () => {
    fc.assert(
      fc.property(logText(), bits, fc.boolean(), (text, width, isReversed) => {
        const partial = sealed(text);
        const slices = slicesOf(partial, width);
        expect(Buffer.compare(merged(isReversed ? slices.toReversed() : slices), partial)).toBe(0);
        const groups = slices.map((slice) => partialSize(slice).groups);
        expect(groups.reduce((sum, count) => sum + count, 0)).toBe(partialSize(partial).groups);
      }),
      { numRuns: 100 },
    );
  });

  test("are what merging the slices of its parts gives", () => {
    fc.assert(
      fc.property(logText(20), logText(20), bits, (left, right, width) => {
        const partials = [sealed(left), sealed(right)];
        for (const [prefix, slice] of slicesOf(merged(partials), width).entries()) {
          const ofParts = partials.map((partial) => slicer.slice(partial, { bits: width, prefix }));
          expect(Buffer.compare(merged(ofParts), slice)).toBe(0);
        }
      }),
      { numRuns: 20 },
    );
  });

  test("have the basis of no other partial", () => {
    fc.assert(
      fc.property(logText(), logText(), (left, right) => {
        const [first, second] = [sealed(left), sealed(right)];
        const isSame = Buffer.compare(first, second) === 0;
        expect(partialSize(first).basis === partialSize(second).basis).toBe(isSame);
      }),
    );
  });
});

describe("bytes that are no partial in its order", () => {
  const partial = accumulatorOf(MAP).sealed(Buffer.from('1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] "GET /" 200 1\n'));

  test.each([
    ["that are cut short", partial.subarray(0, partial.length - 1)],
    ["without a beginning", partial.subarray(1)],
    ["with another number of rows", Uint8Array.from(partial, (byte, at) => (at === 64 ? byte + 1 : byte))],
    ["with a key that is too long", Uint8Array.from(partial, (byte, at) => (at === 64 + 24 + 9 ? 200 : byte))],
    ["of nothing", new Uint8Array()],
  ])("are refused: those %s", (_, bytes) => {
    expect(() => slicer.slice(bytes, { bits: 1, prefix: 0 })).toThrow(/partial/);
  });
});

test("plans with side tables, without groups, or of single rows are not sliced", () => {
  expect(isSliceable(MAP)).toBe(true);
  expect(isSliceable(plan({ keys: [STATUS], aggregates: [aggregate("median", BYTES)] }))).toBe(false);
  expect(isSliceable(plan({}))).toBe(false);
  expect(isSliceable({ ...MAP, rows: { limit: 3, orderBy: [] } })).toBe(false);
});

describe("what of the parts can be in the answer", () => {
  const QUERIES = [
    "SELECT url, count(*) AS hits GROUP BY url ORDER BY hits DESC LIMIT 3",
    "SELECT url, status, sum(bytes) GROUP BY url, status ORDER BY 3 NULLS FIRST LIMIT 2 OFFSET 2",
    "SELECT status, count(*) GROUP BY status HAVING count(*) > 2",
    "SELECT url, max(bytes) GROUP BY url HAVING min(bytes) < 500 ORDER BY url DESC LIMIT 4",
    "SELECT method, url, count(*) GROUP BY method, url",
    "SELECT url FROM logs GROUP BY url LIMIT 0",
  ];

  test.each(QUERIES)("merges to the answer of them all: %s", (sql) => {
    const query = compileQuery(sql, { nowMs: 0, fields: FIELDS });
    const { accumulator, sealed, merged } = accumulatorOf(query.map);
    const answer = (): readonly (readonly Value[])[] => rowsOf(query, accumulator);
    fc.assert(
      fc.property(logText(), fc.integer({ min: 1, max: 4 }), (text, width) => {
        const partial = sealed(text);
        const whole = answer();
        const { counters } = accumulator;
        const firsts = slicesOf(partial, width).map((slice) => {
          merged([slice]);
          return sealFirstRows(query, accumulator);
        });
        const kept = firsts.reduce((sum, first) => sum + partialSize(first).groups, 0);
        expect(kept).toBeLessThanOrEqual(partialSize(partial).groups);
        merged(firsts);
        expect(answer()).toEqual(whole);
        expect(accumulator.counters).toEqual(counters);
      }),
      { numRuns: 50 },
    );
  });

  test("is no more of each part than LIMIT and OFFSET want", () => {
    const query = compileQuery("SELECT bytes GROUP BY bytes ORDER BY bytes LIMIT 2 OFFSET 1", {
      nowMs: 0,
      fields: FIELDS,
    });
    const line = (bytes: number): string => `1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 ${bytes}\n`;
    const { accumulator, sealed } = accumulatorOf(query.map);
    sealed(Buffer.from(Array.from({ length: 100 }, (_, bytes) => line(bytes)).join("")));
    expect(partialSize(sealFirstRows(query, accumulator)).groups).toBe(3);
  });
});

const rowsOf = (query: QueryPlan, accumulator: VertexAccumulator): readonly (readonly Value[])[] => [
  ...answerQuery(query, accumulator.rows(), accumulator.counters).rows,
];
