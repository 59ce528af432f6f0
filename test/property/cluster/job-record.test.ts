import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeId } from "../../../src/base/ids.js";
import { type JobRecord, mergeRecords, runningRecord } from "../../../src/cluster/job/job-record.js";
import { decodeRecord, encodeRecord, packed, unpacked } from "../../../src/cluster/job/record-codec.js";
import { decodeResult, encodeResult } from "../../../src/cluster/job/result-codec.js";
import { DEFAULT_MAX_RESULT_BYTES, jobIdOf } from "../../../src/job/request.js";
import { NO_COUNTERS, type ResultTable } from "../../../src/job/result.js";
import { JOB_STATES } from "../../../src/job/status.js";
import { toyManifest } from "../../sim/toy-engine.js";

const manifests = [1, 2, 3].map((nowMs) =>
  toyManifest(
    [],
    {
      jobId: jobIdOf("k"),
      clientKey: "k",
      request: { sql: "", allowIncomplete: false, deadlineMs: 1, maxResultBytes: DEFAULT_MAX_RESULT_BYTES },
      planner: nodeId("m0"),
    },
    { kind: "range", level: 0 },
    nowMs,
  ),
);

const records: fc.Arbitrary<JobRecord> = fc
  .record({
    manifest: fc.constantFrom(...manifests),
    state: fc.constantFrom(...JOB_STATES),
    coverage: fc.constantFrom(0.25, 0.5, 1),
    result: fc.constantFrom("", "a", "b"),
    reason: fc.constantFrom("this", "that"),
  })
  .map(({ manifest, state, coverage, result, reason }) => {
    const hasResult = state === "COMPLETED" || state === "INCOMPLETE";
    const hasFailed = state === "FAILED" || state === "CANCELLED";
    const bytes = new TextEncoder().encode(result);
    return {
      ...runningRecord(manifest),
      state,
      coverage: state === "INCOMPLETE" ? coverage : hasResult ? 1 : 0,
      failure: hasFailed ? { code: "SCAN_FAILED" as const, message: reason } : null,
      result: hasResult ? { encoded: () => bytes, sizeBytes: bytes.length } : null,
    };
  });

const bytesOf = (record: JobRecord): string => Buffer.from(encodeRecord(record)).toString("base64");

describe("A packed record", () => {
  it("has everything that its record has, travels as the same bytes, and joins as its record does", () => {
    fc.assert(
      fc.property(records, records, (record, other) => {
        const { result, ...rest } = record;
        const small = packed(record, encodeRecord(record));
        for (const view of [small, unpacked(small)]) {
          const { manifest, manifestDigest, state, coverage, counters, failure, missing, skipped } = view;
          expect({ manifest, manifestDigest, state, coverage, counters, failure, missing, skipped }).toEqual(rest);
          expect(view.result?.encoded()).toEqual(result?.encoded());
        }
        expect(bytesOf(small)).toBe(bytesOf(record));
        expect(bytesOf(mergeRecords(small, other))).toBe(bytesOf(mergeRecords(record, other)));
      }),
    );
  });
});

describe("The join of job records", () => {
  it("is commutative, associative and idempotent, so copies may travel in any order, any number of times", () => {
    fc.assert(
      fc.property(records, records, records, (one, two, three) => {
        expect(bytesOf(mergeRecords(one, two))).toBe(bytesOf(mergeRecords(two, one)));
        expect(bytesOf(mergeRecords(mergeRecords(one, two), three))).toBe(
          bytesOf(mergeRecords(one, mergeRecords(two, three))),
        );
        expect(bytesOf(mergeRecords(one, one))).toBe(bytesOf(one));
      }),
    );
  });

  it("never goes to an earlier state, and keeps the manifest of what it chose", () => {
    fc.assert(
      fc.property(records, records, (one, two) => {
        const joined = mergeRecords(one, two);
        const latest = Math.max(JOB_STATES.indexOf(one.state), JOB_STATES.indexOf(two.state));
        expect(JOB_STATES.indexOf(joined.state)).toBe(latest);
        expect([one, two]).toContain(joined);
      }),
    );
  });
});

describe("The bytes of a job record", () => {
  it("come back as they were", () => {
    fc.assert(
      fc.property(records, (record) => {
        const decoded = decodeRecord(encodeRecord(record));
        expect(decoded).toMatchObject({
          manifest: record.manifest,
          manifestDigest: record.manifestDigest,
          state: record.state,
          failure: record.failure,
        });
        expect(decoded?.result?.encoded()).toEqual(record.result?.encoded());
      }),
    );
  });

  it("give a result that keeps no more in memory than itself, whatever they are a part of", () => {
    const whole = { ...runningRecord(manifests[0] ?? expect.fail()), state: "COMPLETED" as const };
    const bytes = encodeRecord({ ...whole, result: { encoded: () => new Uint8Array(3), sizeBytes: 3 } });
    const pool = Buffer.concat([new Uint8Array(8192), bytes]);
    expect(decodeRecord(pool.subarray(8192))?.result?.encoded().buffer.byteLength).toBe(3);
  });

  it("are refused when a bit flipped or the end is missing", () => {
    fc.assert(
      fc.property(records, fc.nat(), fc.integer({ min: 0, max: 7 }), (record, place, bit) => {
        const bytes = encodeRecord(record);
        const flipped = bytes.slice();
        const at = place % bytes.length;
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
        expect(decodeRecord(flipped)).toBeUndefined();
        expect(decodeRecord(bytes.subarray(0, at))).toBeUndefined();
      }),
    );
  });
});

describe("The bytes of a result", () => {
  it("bring every kind of value back", () => {
    const table: ResultTable = {
      columns: [
        { name: "i", type: "i64" },
        { name: "d", type: "f64" },
        { name: "b", type: "bool" },
        { name: "s", type: "string" },
        { name: "t", type: "timestamp" },
      ],
      rows: [
        [2n ** 63n - 1n, 0.1, true, "text", -1n],
        [-(2n ** 63n), Number.NaN, false, "123", 1n],
        [0n, Number.NEGATIVE_INFINITY, null, "", null],
        [null, -0, null, null, 0n],
      ],
      counters: { ...NO_COUNTERS, lines: 7 },
    };
    expect(decodeResult(encodeResult(table))).toEqual(table);
    expect(Object.is(decodeResult(encodeResult(table)).rows[3]?.[1], -0)).toBe(true);
  });
});
