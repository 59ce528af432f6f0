import { describe, expect, test } from "vitest";
import type { Digest } from "../../../src/base/ids.js";
import { DescribedBefore } from "../../../src/node/adapters/files/described-before.js";
import type { FileDescription } from "../../../src/node/ports/source-catalog.js";

const NOW_MS = 1_700_000_000_000;
const SEEN = { size: 5, mtimeMs: NOW_MS - 20_000, ctimeMs: NOW_MS - 20_000, ino: 7 };

const described = (path: string, leaves = 1): FileDescription => ({
  path,
  size: SEEN.size,
  scanSize: SEEN.size,
  sealedSize: SEEN.size,
  mtimeMs: SEEN.mtimeMs,
  format: "plain",
  leafDigests: Array.from({ length: leaves }, () => "d" as Digest),
});

describe("A file that was described before", () => {
  test("is not read again while it rests", () => {
    const before = new DescribedBefore();
    before.keep("a", SEEN, described("a"), NOW_MS);
    expect(before.get("a", { ...SEEN })).toEqual(described("a"));
    expect(before.get("b", SEEN)).toBeUndefined();
  });

  test.each([{ size: 6 }, { mtimeMs: SEEN.mtimeMs + 1 }, { ctimeMs: SEEN.ctimeMs + 1 }, { ino: 8 }])(
    "is read again when it shows %j",
    (change) => {
      const before = new DescribedBefore();
      before.keep("a", SEEN, described("a"), NOW_MS);
      expect(before.get("a", { ...SEEN, ...change })).toBeUndefined();
      expect(before.get("a", SEEN)).toBeUndefined();
    },
  );

  test.each([
    ["was touched just before", { ...SEEN, ctimeMs: NOW_MS - 9_999 }],
    ["grew while it was described", { ...SEEN, size: 4 }],
  ])("is read again when it %s", (_what, seen) => {
    const before = new DescribedBefore();
    before.keep("a", seen, described("a"), NOW_MS);
    expect(before.get("a", seen)).toBeUndefined();
  });

  test("gives way to those that were used since, when there are too many digests", () => {
    const before = new DescribedBefore();
    const half = 1024 ** 2 / 2 - 8;
    for (const path of ["a", "b"]) before.keep(path, SEEN, described(path, half), NOW_MS);
    before.get("a", SEEN);
    before.keep("c", SEEN, described("c", half), NOW_MS);
    expect(["a", "b", "c"].map((path) => before.get(path, SEEN) !== undefined)).toEqual([true, false, true]);
    before.keep("a", SEEN, described("a", 1), NOW_MS);
    before.keep("b", SEEN, described("b", half - 9), NOW_MS);
    expect(["a", "b", "c"].map((path) => before.get(path, SEEN) !== undefined)).toEqual([true, true, true]);
  });
});
