import { constants, deflateRawSync, gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gunzipInKernel } from "../../unit/node/gunzip-in-kernel.js";

/** Texts that repeat near and far, bytes that do not repeat, and runs. */
const piece = fc.oneof(
  fc.constantFrom("GET /index.html HTTP/1.1", "abc", "a", "200 ", "\n"),
  fc.string({ maxLength: 40 }),
);
const text = fc.oneof(
  fc.array(piece, { maxLength: 200 }).map((pieces) => Buffer.from(pieces.join(""))),
  fc.uint8Array({ maxLength: 3000 }),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 0, max: 2000 }))
    .map(([period, times]) => Buffer.concat(Array.from({ length: times }, () => period))),
);
const options = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  memLevel: fc.integer({ min: 1, max: 9 }),
  windowBits: fc.integer({ min: 9, max: 15 }),
  strategy: fc.constantFrom(
    constants.Z_DEFAULT_STRATEGY,
    constants.Z_FILTERED,
    constants.Z_HUFFMAN_ONLY,
    constants.Z_RLE,
    constants.Z_FIXED,
  ),
});
const readBytes = fc.oneof(fc.constantFrom(1, 7, 33, 1000), fc.constant(2 ** 20));

/** The twin of the kernel is zlib: what comes out, or the words of its refusal. */
function outcomeOf(run: () => Uint8Array): string {
  try {
    return Buffer.from(run()).toString("latin1");
  } catch (error) {
    return `refused: ${(error as Error).message}`;
  }
}

describe("inflating in the kernel", () => {
  it("gives back what was compressed, at any level and strategy, however it is read", () => {
    fc.assert(
      fc.property(text, options, readBytes, (bytes, how, readSize) => {
        expect(gunzipInKernel(gzipSync(bytes, how), readSize).equals(Buffer.from(bytes))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("gives back texts that go round the ring of blocks, with repeats from as far back as there are", () => {
    const far = Buffer.from(Array.from({ length: 32_700 }, (_, index) => (index * index * 31) >> 5));
    const long = Buffer.concat(
      Array.from({ length: 200 }, (_, index) => Buffer.concat([far, Buffer.from(`${index}`)])),
    );
    for (const level of [0, 1, 6]) {
      expect(gunzipInKernel(gzipSync(long, { level })).equals(long)).toBe(true);
    }
  });

  it("refuses what zlib refuses in the same words, and takes what it takes, of data with changed bits", () => {
    const change = fc.tuple(fc.double({ min: 0, max: 0.999_999, noNaN: true }), fc.integer({ min: 0, max: 7 }));
    fc.assert(
      fc.property(
        text,
        options,
        fc.array(change, { minLength: 1, maxLength: 4 }),
        readBytes,
        (bytes, how, changes, size) => {
          const file = gzipSync(bytes, how);
          for (const [place, bit] of changes) {
            const at = Math.floor(place * file.length);
            file[at] = (file[at] ?? 0) ^ (1 << bit);
          }
          expect(outcomeOf(() => gunzipInKernel(file, size))).toBe(outcomeOf(() => gunzipSync(file)));
        },
      ),
      { numRuns: 1500 },
    );
  });

  it("refuses random data in the words of zlib", () => {
    const header = gzipSync("").subarray(0, 10);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.constantFrom(0, 2, 4, 5), readBytes, (bytes, type, size) => {
        const file = Buffer.concat([header, Buffer.from([((bytes[0] ?? 0) & 0xf8) | type]), bytes]);
        expect(outcomeOf(() => gunzipInKernel(file, size))).toBe(outcomeOf(() => gunzipSync(file)));
      }),
      { numRuns: 1500 },
    );
  });

  it("says that data is cut off wherever it is", () => {
    const bytes = Buffer.from("one two three one two three four ".repeat(30));
    for (const strategy of [constants.Z_FIXED, constants.Z_DEFAULT_STRATEGY]) {
      const file = gzipSync(bytes, { strategy });
      for (let end = 0; end < file.length; end += 1) {
        expect(outcomeOf(() => gunzipInKernel(file.subarray(0, end)))).toBe("refused: unexpected end of file");
      }
    }
  });

  it("takes lengths that have no code as zlib does", () => {
    const header = gzipSync("").subarray(0, 10);
    for (const length of [20, 60]) {
      // A dynamic block of five lengths of codes, all of them 0.
      const file = Buffer.concat([header, Buffer.from([0xbc, 0x22, 0, 0]), Buffer.alloc(length)]);
      const refusal = outcomeOf(() => gunzipSync(file));
      expect(refusal).toContain("refused");
      expect(outcomeOf(() => gunzipInKernel(file))).toBe(refusal);
    }
  });

  it("takes blocks that were flushed, stored, and empty", () => {
    const raw = Buffer.concat([
      deflateRawSync("one", { finishFlush: constants.Z_SYNC_FLUSH }),
      deflateRawSync("", { finishFlush: constants.Z_FULL_FLUSH }),
      deflateRawSync(Buffer.alloc(70_000, "x"), { level: 0 }),
    ]);
    const header = gzipSync("").subarray(0, 10);
    const whole = `one${"x".repeat(70_000)}`;
    const trailer = gzipSync(whole).subarray(-8);
    expect(gunzipInKernel(Buffer.concat([header, raw, trailer])).toString()).toBe(whole);
  });
});
