import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { murmur3, ringHash } from "../../../src/base/ring-hash.js";

/** MurmurHash3 as its reference code has it, byte by byte with BigInt arithmetic, over UTF-16 little-endian. */
function naiveMurmur3(text: string, seed: number): number {
  const bytes = Buffer.from(text, "utf16le");
  const mask = 0xffffffffn;
  const rotate = (value: bigint, bits: bigint): bigint => ((value << bits) | (value >> (32n - bits))) & mask;
  const scramble = (block: bigint): bigint => (rotate((block * 0xcc9e2d51n) & mask, 15n) * 0x1b873593n) & mask;
  let hash = BigInt(seed >>> 0);
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) {
    hash = (rotate(hash ^ scramble(BigInt(bytes.readUInt32LE(at))), 13n) * 5n + 0xe6546b64n) & mask;
  }
  if (at < bytes.length) hash ^= scramble(BigInt(bytes.readUIntLE(at, bytes.length - at)));
  hash ^= BigInt(bytes.length);
  hash = ((hash ^ (hash >> 16n)) * 0x85ebca6bn) & mask;
  hash = ((hash ^ (hash >> 13n)) * 0xc2b2ae35n) & mask;
  return Number(hash ^ (hash >> 16n));
}

describe("The ring's hash", () => {
  it("is the published MurmurHash3", () => {
    expect(murmur3("", 0)).toBe(0);
    expect(murmur3("", 1)).toBe(0x514e28b7);
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer(), (text, seed) => {
        expect(murmur3(text, seed)).toBe(naiveMurmur3(text, seed));
      }),
    );
  });

  it("fits a double exactly and stays what it is: places of old jobs depend on it", () => {
    fc.assert(fc.property(fc.string(), (text) => Number.isSafeInteger(ringHash(text)) && ringHash(text) >= 0));
    expect(ringHash("a#0")).toBe(7714116125359173);
  });
});
