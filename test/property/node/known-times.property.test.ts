import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { VertexKey } from "../../../src/base/ids.js";
import { Kernels } from "../../../src/engine/kernels/kernels.js";
import { BATCH_ROWS, VECTOR } from "../../../src/engine/kernels/layout.js";
import { Batch } from "../../../src/engine/operators/batch.js";
import { TimeWatch } from "../../../src/engine/operators/time-watch.js";
import type { MapPlan } from "../../../src/engine/plan.js";
import { type Sight, type TimeSpan, timeLimitsOf } from "../../../src/engine/plan-time.js";
import { VertexAccumulator, type VertexRange } from "../../../src/engine/vertex-accumulator.js";
import type { Manifest } from "../../../src/job/manifest.js";
import { treeShapeOf } from "../../../src/job/manifest.js";
import { rootOf } from "../../../src/job/tree.js";
import { KnownTimes } from "../../../src/node/driver/known-times.js";
import type { ScanRange } from "../../../src/node/ports/map-pool.js";
import { manifestOf } from "../../unit/cluster/cluster-cores.js";
import { aggregate, BYTES, call, field, literal, memoryReader, plan, STATUS, TIME } from "../../unit/engine/plans.js";
import { logText } from "../engine/log-text.js";

const kernels = Kernels.instantiate();

/** A file that is one range, whatever its size, and that does not grow. */
function manifestOver(bytes: number): Manifest {
  const manifest = manifestOf([1], { node: null });
  const [file] = manifest.files;
  if (file === undefined) throw new Error("the manifest has a file");
  const whole = { ...file, format: "combined", compression: "gzip" as const, size: bytes, scanSize: bytes };
  return { ...manifest, files: [whole] };
}

const rangeOf = (start: number, end: number, size: number): ScanRange & VertexRange => ({
  realPath: "/a.log",
  format: "combined",
  start,
  end,
  scanSize: size,
  fileName: "web:f0",
  nodeName: null,
  fileIndex: 0,
});

interface Scan {
  readonly sealed: Uint8Array;
  readonly seen: readonly (Sight & { readonly fileIndex: number; readonly start: number; readonly end: number })[];
  readonly readBytes: number;
}

function scan(
  text: Uint8Array,
  map: MapPlan,
  ranges: readonly ScanRange[],
  passedOver?: { readonly counters: Parameters<VertexAccumulator["addCounters"]>[0]; readonly coverageBytes: number },
): Scan {
  const accumulator = new VertexAccumulator(kernels, map);
  const seen: Scan["seen"][number][] = [];
  if (passedOver !== undefined) accumulator.addCounters(passedOver.counters, passedOver.coverageBytes);
  for (const { start, end } of ranges) {
    accumulator.scan(memoryReader(text), rangeOf(start, end, text.length), {
      onSeen: (sight) => seen.push({ fileIndex: 0, start, end, ...sight }),
    });
  }
  const readBytes = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  return { sealed: accumulator.seal(), seen, readBytes };
}

/** Microseconds of the times that the arbitrary logs have, and around them. */
const bound = fc
  .constantFrom("1969-01-01T00:00:00Z", "1999-12-31T18:30:00Z", "2000-10-10T20:55:36Z", "2024-02-29T00:00:00Z")
  .chain((time) => fc.integer({ min: -1, max: 1 }).map((shift) => `${Date.parse(time) * 1000 + shift}`));
const limit = fc
  .tuple(fc.constantFrom("ge", "gt", "le", "lt", "eq"), bound)
  .map(([name, value]) => call("bool", name, TIME, literal("timestamp", value)));
const isOk = call("bool", "eq", STATUS, literal("i64", "200"));
const limitedPlan = fc
  .record({
    limits: fc.array(limit, { minLength: 1, maxLength: 2 }),
    others: fc.constantFrom([], [isOk], [call("bool", "is_null", field("referer"))]),
    keys: fc.constantFrom([], [STATUS], [field("url"), TIME], [field("user_agent")]),
    // A cast of an aggregate's argument counts what does not convert, of the rows that are kept.
    aggregates: fc.constantFrom(
      [aggregate("count")],
      [aggregate("sum", BYTES), aggregate("last", field("referer"))],
      [aggregate("max", call("i64", "cast", field("url")))],
    ),
  })
  .map(({ limits, others, keys, aggregates }) =>
    plan({ filter: [...others, ...limits].reduce((all, next) => call("bool", "and", all, next)), keys, aggregates }),
  );

function memory(): {
  getVertex(key: VertexKey): Uint8Array | undefined;
  putVertex(key: VertexKey, bytes: Uint8Array): void;
} {
  const values = new Map<VertexKey, Uint8Array>();
  return { getVertex: (key) => values.get(key), putVertex: (key, bytes) => void values.set(key, bytes) };
}

describe("What earlier scans saw of a range", () => {
  test("leaves every later plan the bytes and counters of a scan of all of it", () => {
    let passedOverBytes = 0;
    fc.assert(
      fc.property(
        logText(),
        fc.array(fc.nat(), { maxLength: 4 }),
        fc.array(limitedPlan, { minLength: 1, maxLength: 3 }),
        limitedPlan,
        (text, cuts, earlier, later) => {
          fc.pre(text.length > 0);
          const manifest = manifestOver(text.length);
          const span = rootOf(treeShapeOf(manifest));
          const known = new KnownTimes(memory());
          const edges = [0, ...cuts.map((cut) => cut % text.length), text.length].sort((left, right) => left - right);
          const pieces = edges.slice(1).flatMap((end, at) => {
            const start = edges[at] ?? 0;
            return end > start ? [rangeOf(start, end, text.length)] : [];
          });
          for (const map of earlier) known.learn(manifest, map, span, scan(text, map, pieces).seen);
          const all = [rangeOf(0, text.length, text.length)];
          const { ranges, passedOver } = known.passOver(manifest, later, span, all);
          const rest = scan(text, later, ranges, passedOver);
          passedOverBytes += text.length - rest.readBytes;
          expect(Buffer.compare(rest.sealed, scan(text, later, all).sealed)).toBe(0);
        },
      ),
      { numRuns: 400 },
    );
    expect(passedOverBytes).toBeGreaterThan(0);
  });

  test("is nothing where some of it was not seen, or where the file may still grow", () => {
    const text = Buffer.from('1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 7 "-" "a"\n'.repeat(20));
    const late = plan({ filter: call("bool", "ge", TIME, literal("timestamp", `${Date.parse("2024-01-01") * 1000}`)) });
    const all = [rangeOf(0, text.length, text.length)];
    const { seen } = scan(text, late, [rangeOf(0, 700, text.length), rangeOf(700, text.length, text.length)]);
    const leftOver = (manifest: Manifest, pieces: Scan["seen"]): readonly ScanRange[] => {
      const known = new KnownTimes(memory());
      const span = rootOf(treeShapeOf(manifest));
      known.learn(manifest, late, span, pieces);
      return known.passOver(manifest, late, span, all).ranges;
    };
    const manifest = manifestOver(text.length);
    const [file] = manifest.files;
    if (file === undefined) throw new Error("the manifest has a file");
    const { compression: _compression, ...plain } = file;
    const sealed = { ...manifest, files: [{ ...plain, sealedSize: text.length + 1 }] };
    const growing = { ...manifest, files: [{ ...plain, sealedSize: text.length }] };
    expect(leftOver(manifest, seen)).toEqual([]);
    expect(leftOver(sealed, seen)).toEqual([]);
    expect(leftOver(growing, seen)).toEqual(all);
    expect(leftOver(manifest, seen.slice(1))).toEqual(all);
    expect(leftOver(manifest, seen.slice(0, 1))).toEqual(all);
  });
});

describe("The limits of a plan in time", () => {
  const at = (name: string, micros: string) => call("bool", name, TIME, literal("timestamp", micros));
  const limits = (filter: MapPlan["filter"], parts: Partial<MapPlan> = {}): TimeSpan | undefined =>
    timeLimitsOf(plan({ filter, ...parts }));

  test("are the narrowest of those that all rows have to keep", () => {
    expect(limits(call("bool", "and", at("ge", "5"), call("bool", "and", isOk, at("lt", "9"))))).toEqual({
      least: 5n,
      most: 8n,
    });
    expect(limits(call("bool", "and", at("gt", "5"), at("eq", "7")))).toEqual({ least: 7n, most: 7n });
  });

  test("are none where a row may be kept at any time, or where dropping one may count a malformed value", () => {
    expect(limits(null)).toBeUndefined();
    expect(limits(isOk)).toBeUndefined();
    expect(limits(call("bool", "or", at("ge", "5"), isOk))).toBeUndefined();
    expect(limits(at("ge", "5"), { ofUnparsed: true })).toBeUndefined();
    const cast = call("bool", "eq", call("i64", "cast", field("url")), literal("i64", "1"));
    expect(limits(call("bool", "and", at("ge", "5"), cast))).toBeUndefined();
  });
});

test("The kernel widens bounds to the live values that are there, as a loop over them does", () => {
  const batch = new Batch(kernels);
  const column = batch.newColumn("timestamp");
  const watch = new TimeWatch(batch, column);
  const i64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const row = fc.record({ value: fc.oneof(i64, fc.constantFrom(0n, -1n)), isNull: fc.boolean(), isLive: fc.boolean() });
  fc.assert(
    fc.property(fc.array(fc.array(row, { maxLength: 40 }), { maxLength: 3 }), (batches) => {
      const { view, bytes } = kernels.memory;
      watch.begin(true);
      for (const rows of batches) {
        for (const [index, { value, isNull, isLive }] of rows.entries()) {
          view.setBigInt64(view.getUint32(column.vector + VECTOR.values, true) + index * 8, value, true);
          bytes[view.getUint32(column.vector + VECTOR.nulls, true) + index] = isNull ? 1 : 0;
          bytes[batch.live + index] = isLive ? 1 : 0;
        }
        watch.note(rows.length);
      }
      const values = batches.flat().flatMap(({ value, isNull, isLive }) => (isLive && !isNull ? [value] : []));
      const sorted = values.sort((left, right) => (left < right ? -1 : 1));
      const [least, most] = [sorted[0], sorted.at(-1)];
      expect(watch.times).toEqual(least === undefined ? null : { least, most });
    }),
  );
  expect(BATCH_ROWS).toBeGreaterThan(40);
});
