import { describe, expect, it } from "vitest";
import { formatBytes, formatCount, formatShare, formatTime, isoTime } from "../../../src/report/figures.js";

describe("figures", () => {
  it.each([
    [0, "0"],
    [999, "999"],
    [1000, "1,000"],
    [1234567, "1,234,567"],
    [12345678901234567890n, "12,345,678,901,234,567,890"],
  ])("writes the count %s as %s", (count, text) => {
    expect(formatCount(count)).toBe(text);
  });

  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [1048575, "1.0 MiB"],
    [5n * 2n ** 30n, "5.0 GiB"],
    [2n ** 70n, "1024.0 EiB"],
  ])("writes %s bytes as %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [0, "0.0 %"],
    [0.0004, "<0.1 %"],
    [0.0005, "0.1 %"],
    [0.12345, "12.3 %"],
    [1, "100.0 %"],
  ])("writes the share %f as %s", (share, text) => {
    expect(formatShare(share)).toBe(text);
  });

  it("writes times in UTC", () => {
    expect(formatTime(1_772_409_600_123_456n)).toBe("2026-03-02 00:00:00 UTC");
    expect(isoTime(1_772_409_600_123_456n)).toBe("2026-03-02T00:00:00.123Z");
    expect(isoTime(-1n)).toBe("1969-12-31T23:59:59.999Z");
  });
});
