import { describe, expect, it } from "vitest";
import { growthOf } from "../../../scripts/load/memory-watch.js";
import { fairnessOf, percentilesOf, Tally } from "../../../scripts/load/tally.js";

describe("Percentiles", () => {
  it("are values that were measured, by nearest rank", () => {
    const values = Array.from({ length: 200 }, (_, index) => 200 - index);
    expect(percentilesOf(values)).toEqual({ count: 200, p50: 100, p90: 180, p99: 198, most: 200 });
    expect(percentilesOf([7])).toEqual({ count: 1, p50: 7, p90: 7, p99: 7, most: 7 });
  });
});

describe("Fairness", () => {
  it.each([
    [[5, 5, 5, 5], 1],
    [[20, 0, 0, 0], 0.25],
    [[3, 1], 0.8],
  ])("of clients with %j jobs is %d", (counts, expected) => {
    expect(fairnessOf(counts)).toBe(expected);
  });
});

describe("A tally", () => {
  it("counts all errors and shows the first ones", () => {
    const tally = new Tally(2);
    for (let error = 0; error < 9; error += 1) tally.failed(new Error(`number ${error}`));
    expect([tally.errorCount, tally.errors.length, tally.errors[0]]).toEqual([9, 5, "number 0"]);
  });

  it("keeps the durations of each kind of call apart", () => {
    const tally = new Tally(1);
    tally.took("submit", 4);
    tally.took("status", 1);
    tally.took("status", 3);
    expect(tally.latencies()).toMatchObject({ submit: { count: 1, p50: 4 }, status: { count: 2, p99: 3 } });
  });
});

describe("Growth of memory", () => {
  const MINUTE_MS = 60_000;
  const samples = (minutes: number, bytesAt: (minute: number) => number) =>
    Array.from({ length: minutes * 12 }, (_, look) => ({
      atMs: look * 5000,
      bytes: bytesAt((look * 5000) / MINUTE_MS),
    }));

  it("leaves the first minute out", () => {
    expect(
      growthOf(
        samples(5, (minute) => (minute < 1 ? 1 : 100)),
        MINUTE_MS,
      ),
    ).toBe(1);
    expect(
      growthOf(
        samples(5, (minute) => (minute < 3 ? 100 : 150)),
        MINUTE_MS,
      ),
    ).toBe(1.5);
  });

  it("is not known of a run that is too short", () => {
    expect(
      growthOf(
        samples(1, () => 1),
        MINUTE_MS,
      ),
    ).toBeNaN();
  });
});
