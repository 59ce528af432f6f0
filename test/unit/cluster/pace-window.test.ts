import { describe, expect, it } from "vitest";
import { PaceWindow } from "../../../src/cluster/reduction/pace-window.js";

describe("The pace of late", () => {
  it("is not known before the least time", () => {
    const window = new PaceWindow(100, 1000);
    expect(window.pace(1099, 50)).toBeUndefined();
    expect(window.pace(1100, 50)).toBe(0.05);
  });

  it("forgets what was done long ago", () => {
    const window = new PaceWindow(0, 1000);
    for (const [atMs, doneBytes] of [
      [1000, 9000],
      [2000, 9010],
      [3000, 9020],
    ] as const)
      window.heard(atMs, doneBytes);
    expect(window.pace(3000, 9020)).toBe(0.01);
  });

  it("falls while nothing comes, and does not forget the last jump for that", () => {
    const window = new PaceWindow(0, 1000);
    window.heard(1000, 4000);
    for (const atMs of [2000, 3000, 4000]) window.heard(atMs, 4000);
    expect(window.pace(4000, 4000)).toBe(1);
  });

  it("is of what was done since it began", () => {
    expect(new PaceWindow(0, 1000, 7000).pace(1000, 8000)).toBe(1);
  });
});
