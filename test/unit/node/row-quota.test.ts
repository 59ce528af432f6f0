import { describe, expect, it } from "vitest";
import { makeQuota, RowQuota } from "../../../src/node/adapters/threads/row-quota.js";

describe("the quota of rows that threads share", () => {
  it("is filled by one chunk that has them all", () => {
    const quota = new RowQuota(10, makeQuota(4));
    expect(quota.isEnough(2, 9)).toBe(false);
    expect(quota.isEnough(2, 10)).toBe(true);
  });

  it("leaves out later chunks once the chunks before them have enough, in whatever order they end", () => {
    const shared = makeQuota(4);
    const one = new RowQuota(10, shared);
    const other = new RowQuota(10, shared);
    one.note(1, 6);
    expect(other.isBeyond(2)).toBe(false);
    other.note(0, 4);
    expect(one.isBeyond(1)).toBe(false);
    expect(one.isBeyond(2)).toBe(true);
  });

  it("waits for a chunk in between, which may have rows that come first", () => {
    const quota = new RowQuota(3, makeQuota(3));
    quota.note(1, 5);
    expect(quota.isBeyond(2)).toBe(false);
    quota.note(0, 0);
    expect(quota.isBeyond(2)).toBe(true);
  });
});
