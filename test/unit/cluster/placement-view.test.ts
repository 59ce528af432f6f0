import { describe, expect, it } from "vitest";

import { member, node, sync, viewsOf } from "./membership-node.js";

describe("The view that work is placed by", () => {
  const started = () => {
    const core = node("a");
    expect(viewsOf(core.hear("b", sync(member("b"))))).toEqual(["a=alive b=alive"]);
    return core;
  };

  it("has newcomers at once: who is met for the first time has not flapped", () => {
    const core = started();
    expect(viewsOf(core.hear("b", sync(member("c"))))).toEqual(["a=alive b=alive c=alive"]);
  });

  it("follows a member that was known before once all have kept still for a second", () => {
    const core = started();
    expect(viewsOf(core.hear("b", sync(member("b", "suspect"))))).toEqual([]);
    expect(viewsOf(core.tickAfter(999))).toEqual([]);
    expect(viewsOf(core.tickAfter(1))).toEqual(["a=alive b=suspect"]);
  });

  it("does not take a newcomer over at once while somebody else has just changed, or when it is a suspect itself", () => {
    const core = started();
    expect(viewsOf(core.hear("b", sync(member("b", "suspect"), member("c"))))).toEqual([]);
    expect(viewsOf(started().hear("b", sync(member("c", "suspect"))))).toEqual([]);
  });

  it("is the current one after five seconds in which members came and went", () => {
    const core = started();
    for (let turn = 0; turn < 6; turn += 1) {
      const state = turn % 2 === 0 ? "suspect" : "dead";
      expect(viewsOf(core.hear("b", sync(member("b", state, 2 + turn))))).toEqual([]);
      expect(viewsOf(core.tickAfter(turn < 5 ? 900 : 499))).toEqual([]);
    }
    expect(viewsOf(core.tickAfter(1))).toHaveLength(1);
  });

  it("takes over at once what does not move any work", () => {
    const core = started();
    expect(viewsOf(core.hear("b", sync({ ...member("b", "alive", 2), grpc: "elsewhere:1" })))).toHaveLength(1);
  });
});
