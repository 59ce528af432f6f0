import { describe, expect, it } from "vitest";
import { nodeId } from "../../../src/base/ids.js";
import { announceStretch } from "../../../src/cluster/membership/announcing.js";
import { Awareness } from "../../../src/cluster/membership/awareness.js";
import type { MembershipEffect } from "../../../src/cluster/membership/membership-events.js";
import type { MembershipMessage } from "../../../src/cluster/membership/messages.js";
import { redialPauseMs } from "../../../src/cluster/membership/redial.js";
import { confirmedTimeoutMs, suspicionTimeoutMs } from "../../../src/cluster/membership/suspicion.js";

import { dials, member, node, PROTOCOL, sync } from "./membership-node.js";

describe("Formulas", () => {
  it.each([
    [1, 1],
    [7, 1],
    [16, 16 / 12],
    [64, 64 / 18],
    [1024, 1024 / 30],
  ])("of %i members, statements come %d times as seldom as in a small cluster", (members, stretch) => {
    expect(announceStretch(members)).toBeCloseTo(stretch);
  });

  it.each([
    [1, 4000],
    [10, 4000],
    [100, 8000],
    [1000, 12_000],
  ])("a suspect among %i members has %i ms", (members, timeoutMs) => {
    expect(suspicionTimeoutMs(members, PROTOCOL)).toBeCloseTo(timeoutMs, 6);
  });

  it.each([
    [1, 5000],
    [2, 10_000],
    [3, 20_000],
    [4, 30_000],
    [400, 30_000],
  ])("after %i failures the pause is under %i ms, with full jitter", (failures, boundMs) => {
    expect(redialPauseMs(failures, 0, PROTOCOL)).toBe(0);
    expect(redialPauseMs(failures, 0.5, PROTOCOL)).toBe(boundMs / 2);
  });
});

describe("Failure detection", () => {
  const pair = () => {
    const a = node("a");
    a.meet("b");
    a.hear("b", sync(member("b")));
    return a;
  };

  it("suspects a member whose connection is lost, redials it at once, and buries it after the timeout", () => {
    const a = pair();
    const effects = a.step({ kind: "disconnected", peer: nodeId("b") });
    expect(dials(effects)).toEqual(["b:7400"]);
    expect(effects).toContainEqual({ kind: "publish", message: { kind: "news", members: [member("b", "suspect")] } });
    expect(a.states()).toBe("a=alive@1 b=suspect@1");
    a.tickAfter(3999);
    expect(a.states()).toBe("a=alive@1 b=suspect@1");
    a.tickAfter(1);
    expect(a.states()).toBe("a=alive@1 b=dead@1");
  });

  it("suspects a member that leaves a ping unanswered for a period, and not one that answers", () => {
    const a = pair();
    const ping = a.tickAfter(1000).find((effect) => effect.kind === "send" && effect.message.kind === "ping");
    expect(ping).toMatchObject({ to: "b", message: { number: 1, about: member("b") } });
    a.hear("b", { kind: "ack", number: 1, from: member("b") });
    a.tickAfter(PROTOCOL.probeTimeoutMs);
    expect(a.states()).toBe("a=alive@1 b=alive@1");
    a.tickAfter(500);
    a.tickAfter(PROTOCOL.probeIntervalMs - 1);
    expect(a.states()).toBe("a=alive@1 b=alive@1");
    a.tickAfter(1);
    expect(a.states()).toBe("a=alive@1 b=suspect@1");
  });

  it("refutes what others believe of it with a higher incarnation", () => {
    const a = pair();
    const effects = a.hear("b", { kind: "ping", number: 7, about: member("a", "suspect") });
    expect(effects).toContainEqual({
      kind: "send",
      to: "b",
      message: { kind: "ack", number: 7, from: member("a", "alive", 2) },
    });
    expect(effects).toContainEqual({ kind: "publish", message: { kind: "news", members: [member("a", "alive", 2)] } });
  });

  it("takes a refutation for life", () => {
    const a = pair();
    a.step({ kind: "disconnected", peer: nodeId("b") });
    a.tickAfter(10_000);
    a.step({ kind: "gossip", from: nodeId("b"), message: { kind: "news", members: [member("b", "alive", 2)] } });
    expect(a.states()).toBe("a=alive@1 b=alive@2");
  });

  it("redials the dead for ever, within the longest pause", () => {
    const a = pair();
    a.step({ kind: "disconnected", peer: nodeId("b") });
    for (let round = 0; round < 20; round += 1) {
      a.step({ kind: "dial-failed", address: "b:7400" });
      expect(dials(a.tickAfter(PROTOCOL.redialMaxMs))).toEqual(["b:7400"]);
    }
  });

  it("says farewell to everyone and is not talked out of it", () => {
    const a = pair();
    const effects = a.step({ kind: "leave" });
    expect(effects).toContainEqual({
      kind: "send",
      to: "b",
      message: { kind: "news", members: [member("a", "left")] },
    });
    a.hear("b", { kind: "ping", number: 1, about: member("a", "suspect", 5) });
    expect(a.states()).toBe("a=left@1 b=alive@1");
  });
});

describe("Indirect probes", () => {
  const others = ["b", "c", "d", "e", "f"];
  const messages = (effects: readonly MembershipEffect[], kind: string) =>
    effects.flatMap((effect) => (effect.kind === "send" && effect.message.kind === kind ? [effect] : []));
  const crowd = () => {
    const a = node("a");
    for (const id of others) a.meet(id);
    a.hear("b", sync(...others.map((id) => member(id))));
    return a;
  };

  it("go through three others when the direct one has no answer in half a period, and their answer counts", () => {
    const a = crowd();
    const [ping] = messages(a.tickAfter(1000), "ping");
    const target = ping?.to ?? nodeId("");
    const requests = messages(a.tickAfter(PROTOCOL.probeTimeoutMs), "ping-request");
    expect(requests).toHaveLength(3);
    expect(requests.map(({ to }) => to)).not.toContain(target);
    a.hear(requests[0]?.to ?? "", { kind: "ack", number: 1, from: member(target) });
    a.tickAfter(PROTOCOL.probeIntervalMs);
    expect(a.core.view.members.map(({ state }) => state)).not.toContain("suspect");
  });

  it("are made for others, and the answer is passed on under the asker's number", () => {
    const a = crowd();
    const effects = a.hear("b", { kind: "ping-request", number: 77, target: nodeId("c") });
    const [ping] = messages(effects, "ping");
    expect(ping).toMatchObject({ to: "c", message: { about: member("c") } });
    const number = ping?.message.kind === "ping" ? ping.message.number : -1;
    const answer = a.hear("c", { kind: "ack", number, from: member("c") });
    expect(messages(answer, "ack")).toEqual([
      { kind: "send", to: "b", message: { kind: "ack", number: 77, from: member("c") } },
    ]);
    expect(messages(a.hear("b", { kind: "ping-request", number: 78, target: nodeId("stranger") }), "ping")).toEqual([]);
  });

  it("reach a member without a connection to here, and everyone has a turn before anyone has a second one", () => {
    const a = crowd();
    a.hear("b", sync(member("far")));
    const turns: string[] = [];
    for (let period = 1; period <= 12; period += 1) {
      const effects = a.tickAfter(1000);
      const [ping] = messages(effects, "ping");
      const [request] = messages(effects, "ping-request");
      const sent = ping ?? request;
      if (sent?.message.kind !== "ping" && sent?.message.kind !== "ping-request") throw new Error("nobody was probed");
      const target = sent.message.kind === "ping" ? sent.to : sent.message.target;
      turns.push(target);
      a.hear(sent.to, { kind: "ack", number: sent.message.number, from: member(target) });
    }
    const everyone = [...others, "far"].sort();
    expect([turns.slice(0, 6).sort(), turns.slice(6).sort()]).toEqual([everyone, everyone]);
    expect(a.states()).not.toContain("suspect");
  });
});

describe("Suspicion", () => {
  it.each([
    [2, 0, 4000],
    [3, 0, 24_000],
    [3, 1, 4000],
    [10, 0, 24_000],
    [10, 1, 14_000],
    [10, 3, 4000],
    [10, 9, 4000],
    [100, 0, 48_000],
  ])("among %i members, with %i who agree, lasts %i ms", (members, confirmations, timeoutMs) => {
    expect(confirmedTimeoutMs(members, confirmations, PROTOCOL)).toBeCloseTo(timeoutMs, 6);
  });

  it("is told even when others had it first, and each of them shortens it once", () => {
    const a = node("a");
    for (const id of ["b", "c", "d", "e"]) a.meet(id);
    a.hear("b", sync(...["b", "c", "d", "e"].map((id) => member(id))));
    const rumour: MembershipMessage = { kind: "news", members: [member("e", "suspect")] };
    for (const from of ["b", "b", "c"]) a.step({ kind: "gossip", from: nodeId(from), message: rumour });
    const own = a.step({ kind: "disconnected", peer: nodeId("e") });
    expect(own).toContainEqual({ kind: "publish", message: rumour });
    const twoAgree = confirmedTimeoutMs(5, 2, PROTOCOL);
    a.tickAfter(twoAgree - 1);
    expect(a.states()).toContain("e=suspect");
    a.tickAfter(1);
    expect(a.states()).toContain("e=dead");
  });
});

describe("A node that is ill itself", () => {
  it("stretches its probes, up to ninefold, and recovers with each answer", () => {
    const awareness = new Awareness();
    for (let failure = 0; failure < 20; failure += 1) awareness.worse();
    expect(awareness.factor).toBe(9);
    awareness.better();
    expect(awareness.factor).toBe(8);
  });

  it("says so when its event loop lags by 0.4 s, and takes it back after five seconds without", () => {
    const a = node("a");
    a.step({ kind: "lagged", lateMs: 400 });
    expect(a.core.view.members[0]).toMatchObject({ demoted: true, incarnation: 2 });
    a.tickAfter(3000);
    a.step({ kind: "lagged", lateMs: 400 });
    expect(a.core.view.members[0]).toMatchObject({ demoted: true, incarnation: 2 });
    a.tickAfter(4999);
    expect(a.core.view.members[0]?.demoted).toBe(true);
    a.tickAfter(1);
    expect(a.core.view.members[0]).toEqual(member("a", "alive", 3));
  });

  it("goes on as before when its event loop is late now and then", () => {
    const a = node("a");
    for (let pause = 0; pause < 20; pause += 1) {
      a.step({ kind: "lagged", lateMs: 390 });
      a.tickAfter(1000);
    }
    expect(a.core.view.members[0]).toEqual(member("a"));
  });

  it("says so when its event loop is late again and again", () => {
    const a = node("a");
    for (let pause = 0; pause < 2; pause += 1) {
      expect(a.core.view.members[0]).toEqual(member("a"));
      a.step({ kind: "lagged", lateMs: 240 });
      a.tickAfter(100);
    }
    expect(a.core.view.members[0]).toMatchObject({ demoted: true, incarnation: 2 });
  });
});
