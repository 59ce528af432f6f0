import { describe, expect, test } from "vitest";
import type { Value } from "../../../../src/job/result.js";
import { bytesOf, field, plan, run, scanned, sortedTable } from "../plans.js";

const BY_RAW = plan({ keys: [field("_raw")] });

describe("lines", () => {
  test.each([
    ["no text at all", "", []],
    ["one line", "a\n", ["a"]],
    ["no final newline", "a\nb", ["a", "b"]],
    ["empty lines", "\n\n", ["", ""]],
    ["carriage returns", "a\r\nb\r\r\n\r\n", ["", "a", "b\r"]],
    ["a final carriage return", "a\r", ["a"]],
    ["NUL", "a\0b\n\0", ["\0", "a\0b"]],
    ["a line of a block's length", `${"x".repeat(16)}\n${"y".repeat(15)}\nz`, ["x".repeat(16), "y".repeat(15), "z"]],
  ])("of %s", (_name, text, lines) => {
    const found = run(text, BY_RAW, "plain");
    const expected = [...new Set(lines)].map((line): readonly Value[] => [
      line,
      BigInt(lines.filter((other) => other === line).length),
    ]);
    expect(found).toEqual(sortedTable(expected));
    expect(scanned(text, BY_RAW, "plain").counters).toEqual({
      lines: lines.length,
      bytes: bytesOf(text).length,
      unparsed: 0,
      malformedFields: 0,
    });
  });

  test("of many megabytes are whole", () => {
    const long = "0123456789abcdef".repeat(400_000);
    const text = `short\n${long}\nshort\n${long}x`;
    expect(run(text, BY_RAW, "plain").map(([key, count]) => [String(key).length, count])).toEqual([
      [long.length + 1, 1n],
      [long.length, 1n],
      [5, 2n],
    ]);
  });
});
