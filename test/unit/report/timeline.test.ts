import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type HourOfTraffic, timelinePanel } from "../../../src/report/timeline.js";

const HOUR_MS = 3_600_000;

function hourAt(iso: string, hits = 1): HourOfTraffic {
  const startMs = Date.parse(iso);
  const time = BigInt(startMs) * 1000n;
  return { startMs, hits, bytes: BigInt(hits) * 10n, firstTime: time, lastTime: time };
}

const labelsOf = (hours: readonly HourOfTraffic[]): readonly (string | null)[] =>
  timelinePanel(hours, 100).rows.map((row) => row.label);

describe("timelinePanel", () => {
  it("has no rows for no requests", () => {
    expect(timelinePanel([], 0).rows).toEqual([]);
  });

  it("lists each hour of a short log, with those in which nothing happened", () => {
    const panel = timelinePanel([hourAt("2026-03-01T23:00Z", 3), hourAt("2026-03-02T02:00Z", 1)], 4);
    expect(panel.title).toBe("Requests per hour");
    expect(panel.rows.map(({ label, hits, share }) => [label, hits, share])).toEqual([
      ["2026-03-01 23:00", 3, 0.75],
      ["2026-03-02 00:00", 0, 0],
      ["2026-03-02 01:00", 0, 0],
      ["2026-03-02 02:00", 1, 0.25],
    ]);
  });

  it("lists days with their hours for a log of more than two days", () => {
    const hours = [hourAt("2026-02-27T22:00Z", 2), hourAt("2026-02-27T23:00Z", 5), hourAt("2026-03-01T23:00Z", 1)];
    const { title, rows } = timelinePanel(hours, 8);
    expect(title).toBe("Requests per day and hour");
    expect(rows.map((row) => [row.label, row.hits, row.bytes])).toEqual([
      ["2026-02-27", 7, 70n],
      ["2026-02-28", 0, 0n],
      ["2026-03-01", 1, 10n],
    ]);
    expect(rows[0]?.hours?.slice(20)).toEqual([0, 0, 2, 5]);
  });

  it("lists months for a log of more than a quarter", () => {
    const hours = [hourAt("2025-11-30T00:00Z"), hourAt("2026-03-02T00:00Z"), hourAt("2026-03-03T00:00Z")];
    expect(labelsOf(hours)).toEqual(["2025-11", "2025-12", "2026-01", "2026-02", "2026-03"]);
  });

  it("does not fill the decades between a wrong clock and the rest", () => {
    expect(labelsOf([hourAt("1970-01-01T00:00Z"), hourAt("2026-03-02T00:00Z")])).toEqual(["1970-01", "2026-03"]);
  });

  it("loses no request and no byte, whatever the hours", () => {
    const hours = fc
      .uniqueArray(fc.tuple(fc.integer({ min: -20_000, max: 600_000 }), fc.nat(1000)), { selector: ([hour]) => hour })
      .map((pairs) => pairs.sort(([left], [right]) => left - right))
      .map((pairs) => pairs.map(([hour, hits]) => hourAt(new Date(hour * HOUR_MS).toISOString(), hits)));
    fc.assert(
      fc.property(hours, (list) => {
        const { rows } = timelinePanel(list, 1);
        const hits = list.reduce((sum, hour) => sum + hour.hits, 0);
        expect(rows.reduce((sum, row) => sum + row.hits, 0)).toBe(hits);
        expect(rows.reduce((sum, row) => sum + row.bytes, 0n)).toBe(BigInt(hits) * 10n);
        expect([...rows.map((row) => row.label ?? "")].sort()).toEqual(rows.map((row) => row.label));
      }),
    );
  });
});
