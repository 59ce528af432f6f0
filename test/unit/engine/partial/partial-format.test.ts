import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Kernels } from "../../../../src/engine/kernels/kernels.js";
import { hashKey } from "../../../../src/engine/kernels/twins/hash.js";
import { PartialError } from "../../../../src/engine/partial/partial-error.js";
import { partialHeaderBytes } from "../../../../src/engine/partial/partial-format.js";
import { type MapPlan, mapPlanDigest } from "../../../../src/engine/plan.js";
import { VertexAccumulator } from "../../../../src/engine/vertex-accumulator.js";
import { aggregate, BY_STATUS, BYTES, bytesOf, field, plan, run, STATUS, scanned, tableOf } from "../plans.js";

const line = (url: string, status: string, bytes: string): string =>
  `1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] "GET ${url} HTTP/1.1" ${status} ${bytes} "-" "-"\n`;
const LOG = line("/a", "200", "10") + line("/bc", "404", "-") + line("/a", "200", "32") + line("/", "-", "7");
const BY_URL_AND_STATUS = plan({
  keys: [field("url"), STATUS, field("method")],
  aggregates: [aggregate("count"), aggregate("sum", BYTES), aggregate("min", BYTES)],
});
const kernels = Kernels.instantiate();

/** Repairs the checksum after a change, as a hostile peer would. */
function withChecksum(partial: Uint8Array): Uint8Array {
  const changed = new Uint8Array(partial);
  const end = changed.length - 8;
  new DataView(changed.buffer).setUint32(end, crc32(changed.subarray(0, end)), true);
  return changed;
}

function changedAt(partial: Uint8Array, at: number, value: number): Uint8Array {
  const changed = new Uint8Array(partial);
  changed[at] = value;
  return changed;
}

function codeOf(map: MapPlan, partial: Uint8Array): string {
  const accumulator = new VertexAccumulator(kernels, map);
  try {
    accumulator.absorb(partial);
    return "accepted";
  } catch (error) {
    expect([accumulator.groupCount, accumulator.counters.lines]).toEqual([0, 0]);
    if (!(error instanceof PartialError)) throw error;
    return error.code;
  }
}

describe("a sealed partial", () => {
  test("has the documented bytes", () => {
    const partial = scanned(
      `${line("/a", "200", "10")}${line("/b", "404", "-")}broken\n`,
      plan({ keys: [STATUS] }),
    ).seal();
    const view = new DataView(partial.buffer);
    expect(Buffer.from(partial.subarray(0, 4)).toString()).toBe("LGMP");
    expect(view.getUint32(4, true)).toBe(1);
    expect(Buffer.from(partial.subarray(8, 24)).toString("hex")).toBe(mapPlanDigest(BY_STATUS));
    const counts = [24, 32, 40, 48, 56].map((at) => Number(view.getBigUint64(at, true)));
    const size = bytesOf(line("/a", "200", "10") + line("/b", "404", "-")).length + 7;
    expect(counts).toEqual([3, size, 1, 0, size]);
    expect([64, 68, 72, 76].map((at) => view.getUint32(at, true))).toEqual([2, 8, 1, 0]);
    expect(view.getBigUint64(80, true)).toBe(64n);
    expect(partial.length).toBe(88 + 64 + 8);
    expect(view.getUint32(partial.length - 8, true)).toBe(crc32(partial.subarray(0, partial.length - 8)));
    const rows = [88, 120].map((at) => ({
      hash: view.getBigUint64(at, true),
      keyLength: view.getUint32(at + 8, true),
      nullMask: view.getUint32(at + 12, true),
      count: view.getBigUint64(at + 16, true),
      status: view.getBigUint64(at + 24, true),
    }));
    const expected = [200, 404].map((status) => {
      const key = new Uint8Array(8);
      new DataView(key.buffer).setBigUint64(0, BigInt(status), true);
      return { hash: hashKey(key, 0), keyLength: 8, nullMask: 0, count: 1n, status: BigInt(status) };
    });
    expect(rows).toEqual(expected.toSorted((left, right) => (left.hash < right.hash ? -1 : 1)));
  });

  test("keeps composed keys with NULLs", () => {
    const accumulator = new VertexAccumulator(kernels, BY_URL_AND_STATUS);
    accumulator.absorb(scanned(LOG, BY_URL_AND_STATUS).seal());
    expect(tableOf(accumulator, BY_URL_AND_STATUS)).toEqual(run(LOG, BY_URL_AND_STATUS));
    expect(tableOf(accumulator, BY_URL_AND_STATUS)).toEqual([
      ["/a", 200n, "GET", 2n, 42n, 10n],
      ["/bc", 404n, "GET", 1n, null, null],
      ["/", null, "GET", 1n, 7n, 7n],
    ]);
  });

  test("of nothing is the header and the checksum", () => {
    expect(scanned("", BY_STATUS).seal().length).toBe(partialHeaderBytes(1) + 8);
  });

  test("does not depend on the seed of the slots", () => {
    const other = new VertexAccumulator(kernels, BY_URL_AND_STATUS, 12_345n);
    const sealed = scanned(LOG, BY_URL_AND_STATUS).seal();
    other.absorb(sealed);
    expect(Buffer.compare(other.seal(), sealed)).toBe(0);
  });
});

describe("bytes that are not a good partial are refused before anything is merged:", () => {
  const sealed = scanned(LOG, BY_URL_AND_STATUS).seal();
  const other = scanned(LOG, BY_STATUS).seal();

  test.each([
    ["nothing", new Uint8Array(0), "malformed"],
    ["text", bytesOf("x".repeat(200)), "malformed"],
    ["another version", changedAt(sealed, 4, 0), "version"],
    ["a flipped bit", changedAt(sealed, 100, (sealed[100] ?? 0) ^ 1), "checksum"],
    ["a cut end", sealed.subarray(0, sealed.length - 8), "checksum"],
    ["another plan", other, "other-plan"],
    ["a wrong number of rows", withChecksum(changedAt(sealed, 64, 9)), "malformed"],
    ["a wrong length of rows", withChecksum(changedAt(sealed, 80, 8)), "malformed"],
    ["a hash that is not the key's", withChecksum(changedAt(sealed, 88, (sealed[88] ?? 0) ^ 1)), "malformed"],
    ["an endless key", withChecksum(changedAt(sealed, 88 + 11, 0xff)), "malformed"],
    ["a count beyond 2^53", withChecksum(changedAt(sealed, 31, 0xff)), "malformed"],
  ])("%s", (_name, partial, code) => {
    expect(codeOf(BY_URL_AND_STATUS, partial)).toBe(code);
  });

  test("rows in another order", () => {
    const map = BY_STATUS;
    const partial = scanned(LOG, map).seal();
    const swapped = new Uint8Array(partial);
    swapped.set(partial.subarray(88, 120), 120);
    swapped.set(partial.subarray(120, 152), 88);
    expect(codeOf(map, withChecksum(swapped))).toBe("malformed");
  });

  test("padding that is not zero", () => {
    const map = plan({ keys: [field("url")] });
    const partial = scanned(line("/a", "200", "1"), map).seal();
    expect(codeOf(map, partial)).toBe("accepted");
    expect(codeOf(map, withChecksum(changedAt(partial, partial.length - 9, 1)))).toBe("malformed");
  });

  test("the same row twice", () => {
    const partial = scanned(LOG, BY_STATUS).seal();
    const doubled = new Uint8Array(partial);
    doubled.set(partial.subarray(88, 120), 120);
    expect(codeOf(BY_STATUS, withChecksum(doubled))).toBe("malformed");
  });

  test("any change of any bytes, with a checksum that fits", () => {
    const change = fc.tuple(fc.nat({ max: sealed.length - 9 }), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const changed = new Uint8Array(sealed);
        for (const [at, value] of changes) changed[at] = value;
        expect(["accepted", "malformed", "version", "other-plan"]).toContain(
          codeOf(BY_URL_AND_STATUS, withChecksum(changed)),
        );
      }),
      { numRuns: 500 },
    );
  });

  test("any bytes at all", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(codeOf(BY_STATUS, bytes)).not.toBe("accepted");
      }),
    );
  });
});

describe("merging large tables", () => {
  const BY_URL = plan({ keys: [field("url")], aggregates: [aggregate("count"), aggregate("sum", BYTES)] });
  const lines = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, index) => line(`/page/${from + index}`, "200", String(from + index))).join(
      "",
    );

  test("grows the table and keeps every group, from partials and from rows of another thread", () => {
    const left = scanned(lines(0, 30_000), BY_URL);
    const right = scanned(lines(20_000, 50_000), BY_URL);
    const whole = scanned(lines(0, 30_000) + lines(20_000, 50_000), BY_URL);
    const merged = new VertexAccumulator(kernels, BY_URL);
    merged.absorb(left.seal());
    merged.absorb(right.seal());
    expect(merged.groupCount).toBe(50_000);
    expect(Buffer.compare(merged.seal(), whole.seal())).toBe(0);
    for (const block of right.rowBlocks()) {
      expect(block.rows.length).toBeLessThanOrEqual(512 * 1024);
      left.absorbRows(block);
    }
    left.addCounters(right.counters);
    expect(Buffer.compare(left.seal(), whole.seal())).toBe(0);
  });

  test("from rows of other threads, in a table that gets fuller than by scanning, and grows after all", () => {
    const threads = [lines(0, 39_000), lines(20_000, 56_000), lines(50_000, 90_000)];
    const merged = scanned("", BY_URL);
    for (const thread of threads.map((text) => scanned(text, BY_URL))) {
      for (const block of thread.rowBlocks()) merged.absorbRows(block);
      merged.addCounters(thread.counters);
    }
    expect(merged.groupCount).toBe(90_000);
    expect(Buffer.compare(merged.seal(), scanned(threads.join(""), BY_URL).seal())).toBe(0);
  });

  test("with keys larger than a block", () => {
    const url = (letter: string): string => `/${letter.repeat(700_000)}`;
    const log = line(url("a"), "200", "1") + line(url("b"), "200", "2") + line(url("a"), "200", "3");
    const accumulator = new VertexAccumulator(kernels, BY_URL);
    accumulator.absorb(scanned(log, BY_URL).seal());
    accumulator.absorb(scanned(log, BY_URL).seal());
    expect(tableOf(accumulator, BY_URL)).toEqual([
      [url("a"), 4n, 8n],
      [url("b"), 2n, 4n],
    ]);
  });

  test("is empty again after a reset, as if it were new", () => {
    const accumulator = scanned(lines(0, 30_000), BY_URL);
    accumulator.reset();
    expect(Buffer.compare(accumulator.seal(), scanned("", BY_URL).seal())).toBe(0);
    accumulator.absorb(scanned(lines(5, 10), BY_URL).seal());
    expect(Buffer.compare(accumulator.seal(), scanned(lines(5, 10), BY_URL).seal())).toBe(0);
  });
});
