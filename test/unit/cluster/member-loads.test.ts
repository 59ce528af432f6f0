import { describe, expect, it } from "vitest";
import { nodeId } from "../../../src/base/ids.js";
import { MemberLoads } from "../../../src/cluster/reduction/member-loads.js";
import { viewOf } from "./cluster-cores.js";

const VIEW = viewOf("a", "a b c d e f");

/** Each of these nodes has a queue and gets on with its own pace for three seconds. */
function heard(paces: Readonly<Record<string, number>>): MemberLoads {
  const loads = new MemberLoads();
  for (let nowMs = 0; nowMs <= 3000; nowMs += 500) {
    for (const [name, pace] of Object.entries(paces)) {
      const activity = 1000 + pace * nowMs;
      loads.heard(nodeId(name), { doneBytes: 0, queuedBytes: 7000, isWaiting: true, activity }, nowMs);
    }
  }
  return loads;
}

describe("What is heard of the nodes that have queues", () => {
  it("tells how long each takes for its own", () => {
    expect(heard({ b: 4 }).queueOf(nodeId("b"), 3000)).toEqual({ bytes: 7000, pace: 4 });
  });

  it("is forgotten when nothing more is heard", () => {
    expect(heard({ b: 4 }).queueOf(nodeId("b"), 5000)).toBeUndefined();
  });

  it("is not spoilt by a report that a later one overtook", () => {
    const loads = heard({ b: 4 });
    loads.heard(nodeId("b"), { doneBytes: 0, queuedBytes: 9000, isWaiting: true, activity: 1100 }, 3001);
    expect(loads.queueOf(nodeId("b"), 3001)).toEqual({ bytes: 7000, pace: 4 });
  });

  it("tells who is slow, who is not, and of whom nothing is known", () => {
    const { slow, well } = heard({ a: 10, b: 2.4, c: 10, d: 2.5, e: 10 }).grades(VIEW, 3000);
    expect([...slow]).toEqual(["b"]);
    expect([...well]).toEqual(["a", "c", "d", "e"]);
  });

  it("tells nothing where there are too few to compare with", () => {
    const { slow, well } = heard({ a: 10, b: 1, c: 10 }).grades(VIEW, 3000);
    expect([slow.size, well.size]).toEqual([0, 0]);
  });

  it("counts those as slow that say that they lag, whatever they do", () => {
    const members = VIEW.members.map((member) => (member.id === "c" ? { ...member, demoted: true } : member));
    const { slow, well } = heard({ a: 10, b: 10, c: 10, d: 10 }).grades({ ...VIEW, members }, 3000);
    expect([...slow]).toEqual(["c"]);
    expect(well.has(nodeId("c"))).toBe(false);
    expect([...new MemberLoads().grades({ ...VIEW, members }, 0).slow]).toEqual(["c"]);
  });

  it("counts for half a minute: a slow node is given little, and so is measured seldom", () => {
    const loads = heard({ a: 10, b: 1, c: 10, d: 10 });
    expect(loads.grades(VIEW, 32_999).slow.size).toBe(1);
    expect(loads.grades(VIEW, 33_000).slow.size).toBe(0);
  });
});
