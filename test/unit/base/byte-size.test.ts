import { describe, expect, it } from "vitest";
import { formatByteSize, parseByteSize } from "../../../src/base/byte-size.js";

describe("parseByteSize", () => {
  it.each([
    ["4096", 4096],
    ["1GiB", 2 ** 30],
    ["1.5 mib", 1.5 * 2 ** 20],
    ["20MB", 20_000_000],
    ["1TB", 1e12],
    ["2TiB", 2 ** 41],
    ["0", 0],
  ])("reads %s as %i bytes", (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes);
  });

  it.each(["", "GiB", "-1", "1 parsec", "1e9", "0x10"])("refuses %j", (text) => {
    expect(parseByteSize(text)).toBeUndefined();
  });
});

describe("formatByteSize", () => {
  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [2 ** 30, "1.0 GiB"],
    [2 ** 50, "1024.0 TiB"],
  ])("writes %i bytes as %s", (bytes, text) => {
    expect(formatByteSize(bytes)).toBe(text);
  });
});
