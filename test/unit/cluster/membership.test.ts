import { describe, expect, it } from "vitest";
import { nodeId } from "../../../src/base/ids.js";
import type { Member, MemberState, NodeDescription } from "../../../src/cluster/member.js";
import { Awareness } from "../../../src/cluster/membership/awareness.js";
import { replaces } from "../../../src/cluster/membership/member-table.js";
import { Membership, type MembershipEffect, type MembershipInput } from "../../../src/cluster/membership/membership.js";
import {
  decodeMembershipMessage,
  encodeMembershipMessage,
  MAX_MESSAGE_BYTES,
  MAX_SYNC_MEMBERS,
  type MembershipMessage,
} from "../../../src/cluster/membership/messages.js";
import { redialPauseMs } from "../../../src/cluster/membership/redial.js";
import { decodeRemembered, encodeRemembered } from "../../../src/cluster/membership/remembered.js";
import { confirmedTimeoutMs, suspicionTimeoutMs } from "../../../src/cluster/membership/suspicion.js";
import { protocolWith } from "../../../src/cluster/protocol.js";

const PROTOCOL = protocolWith();

const describeNode = (id: string, incarnation = 1): NodeDescription => ({
  id: nodeId(id),
  name: id,
  incarnation,
  listen: `${id}:7400`,
  grpc: `${id}:7401`,
  http: `${id}:7402`,
  threads: 2,
  zone: "",
  sources: [{ name: "web", shared: true }],
  protocolVersion: 1,
  semanticsVersion: 1,
});

const member = (id: string, state: MemberState = "alive", incarnation = 1): Member => ({
  ...describeNode(id, incarnation),
  state,
});

/** A membership core with a hand on its clock. */
function node(id: string, seeds: readonly string[] = []) {
  const core = new Membership(describeNode(id), seeds, PROTOCOL);
  let nowMs = 0;
  const step = (input: MembershipInput): readonly MembershipEffect[] => core.step(nowMs, 0.5, input);
  return {
    core,
    step,
    tickAfter: (ms: number): readonly MembershipEffect[] => {
      nowMs += ms;
      return step({ kind: "tick" });
    },
    meet: (peer: string): readonly MembershipEffect[] =>
      step({ kind: "connected", peer: nodeId(peer), address: undefined }),
    hear: (from: string, message: MembershipMessage): readonly MembershipEffect[] =>
      step({ kind: "message", from: nodeId(from), message }),
    states: (): string => core.view.members.map((known) => `${known.id}=${known.state}@${known.incarnation}`).join(" "),
  };
}

const viewsOf = (effects: readonly MembershipEffect[]): readonly string[] =>
  effects.flatMap((effect) =>
    effect.kind === "placement-changed" ? [effect.view.members.map(({ id, state }) => `${id}=${state}`).join(" ")] : [],
  );

describe("The view that work is placed by", () => {
  const started = () => {
    const core = node("a");
    expect(viewsOf(core.hear("b", sync(member("b"))))).toEqual(["a=alive b=alive"]);
    return core;
  };

  it("is the first that is not the node alone, at once; later ones once they have kept still for a second", () => {
    const core = started();
    expect(viewsOf(core.hear("b", sync(member("c"))))).toEqual([]);
    expect(viewsOf(core.tickAfter(999))).toEqual([]);
    expect(viewsOf(core.tickAfter(1))).toEqual(["a=alive b=alive c=alive"]);
  });

  it("is the current one after five seconds in which members came and went", () => {
    const core = started();
    for (let turn = 0; turn < 6; turn += 1) {
      const state = turn % 2 === 0 ? "suspect" : "alive";
      expect(viewsOf(core.hear("b", sync(member("c", state, turn))))).toEqual([]);
      expect(viewsOf(core.tickAfter(turn < 5 ? 900 : 499))).toEqual([]);
    }
    expect(viewsOf(core.tickAfter(1))).toHaveLength(1);
  });

  it("takes over at once what does not move any work", () => {
    const core = started();
    expect(viewsOf(core.hear("b", sync({ ...member("b", "alive", 2), grpc: "elsewhere:1" })))).toHaveLength(1);
  });
});

const sync = (...members: readonly Member[]): MembershipMessage => ({ kind: "sync", wantsReply: false, members });
const dials = (effects: readonly MembershipEffect[]): readonly string[] =>
  effects.flatMap((effect) => (effect.kind === "dial" ? [effect.address] : []));

describe("The merge rule", () => {
  it.each([
    ["a higher incarnation", member("a", "alive", 2), member("a", "dead", 1), true],
    ["a lower incarnation", member("a", "left", 1), member("a", "alive", 2), false],
    ["suspicion of the same incarnation", member("a", "suspect"), member("a", "alive"), true],
    ["life after suspicion of the same incarnation", member("a", "alive"), member("a", "suspect"), false],
    ["death after suspicion", member("a", "dead"), member("a", "suspect"), true],
    ["a farewell after death", member("a", "left"), member("a", "dead"), true],
    ["the same again", member("a"), member("a"), false],
  ])("%s: replaces is %4$s", (_what, account, known, expected) => {
    expect(replaces(account, known)).toBe(expected);
  });
});

describe("Formulas", () => {
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

describe("Joining", () => {
  it("dials its seeds at once and counts as joined when a peer's list has come", () => {
    const b = node("b", ["a:7400"]);
    expect(dials(b.tickAfter(0))).toEqual(["a:7400"]);
    expect(b.core.joined).toBe(false);
    const effects = b.meet("a");
    expect(effects).toContainEqual({
      kind: "send",
      to: "a",
      message: { kind: "sync", wantsReply: true, members: [member("b")] },
    });
    const view = b.hear("a", sync(member("a"))).find((effect) => effect.kind === "view-changed");
    expect(view).toMatchObject({ joined: true });
    expect(b.states()).toBe("a=alive@1 b=alive@1");
  });

  it("asks again for a list that does not come", () => {
    const b = node("b", ["a:7400"]);
    b.meet("a");
    const again = b.tickAfter(PROTOCOL.syncRetryMs).filter((effect) => effect.kind === "send");
    expect(again).toContainEqual(
      expect.objectContaining({ to: "a", message: expect.objectContaining({ kind: "sync", wantsReply: true }) }),
    );
  });

  it.each([
    ["a name is looked up again after a while, since it may lead to other nodes", "a:7400", ["a:7400"]],
    ["an address is not: it leads where it led", "10.0.0.1:7400", []],
    ["nor is one of six bytes more", "[fd00::1]:7400", []],
  ])("of a seed that is connected %s", (_what, seed, expected) => {
    const b = node("b", [seed]);
    expect(dials(b.tickAfter(0))).toEqual([seed]);
    b.step({ kind: "connected", peer: nodeId("a"), address: seed });
    b.hear("a", sync(member("a")));
    expect(dials(b.tickAfter(PROTOCOL.rediscoverMs - 1))).toEqual([]);
    expect(dials(b.tickAfter(1))).toEqual(expected);
  });

  it("goes on with other seeds when it is told others", () => {
    const b = node("b", ["a:7400"]);
    b.tickAfter(0);
    expect(dials(b.step({ kind: "seeds", seeds: ["c:7400", "b:7400"] }))).toEqual(["c:7400"]);
    b.step({ kind: "dial-failed", address: "a:7400" });
    b.step({ kind: "dial-failed", address: "c:7400" });
    expect(dials(b.tickAfter(PROTOCOL.redialMaxMs))).toEqual(["c:7400"]);
  });

  it("is joined from the start without seeds, or with its own address as the only one", () => {
    expect(node("a").core.joined).toBe(true);
    expect(node("a", ["a:7400"]).core.joined).toBe(true);
  });

  it("dials members it hears of at once if its id is the lower one, and after a while otherwise", () => {
    const b = node("b");
    b.meet("x");
    expect(dials(b.hear("x", sync(member("a"), member("c"), member("x"))))).toEqual(["c:7400"]);
    expect(dials(b.tickAfter(PROTOCOL.higherIdDialDelayMs))).toEqual(["a:7400"]);
  });

  it("tells those already here of a newcomer directly", () => {
    const a = node("a");
    a.meet("b");
    a.hear("b", sync(member("b")));
    a.meet("c");
    expect(a.hear("c", sync(member("c")))).toContainEqual({
      kind: "send",
      to: "b",
      message: { kind: "news", members: [member("c")] },
    });
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

  it("says so when its event loop lags, and takes it back after five seconds without", () => {
    const a = node("a");
    a.step({ kind: "lagged" });
    expect(a.core.view.members[0]).toMatchObject({ demoted: true, incarnation: 2 });
    a.tickAfter(3000);
    a.step({ kind: "lagged" });
    expect(a.core.view.members[0]).toMatchObject({ demoted: true, incarnation: 2 });
    a.tickAfter(4999);
    expect(a.core.view.members[0]?.demoted).toBe(true);
    a.tickAfter(1);
    expect(a.core.view.members[0]).toEqual(member("a", "alive", 3));
  });
});

describe("What a node remembers", () => {
  const remembered = (...members: readonly Member[]): MembershipInput => ({ kind: "remembered", members });
  const written = (effects: readonly MembershipEffect[]): readonly string[] =>
    effects.flatMap((effect) => (effect.kind === "remember" ? effect.members.map(({ id }) => id) : []));

  it("is everyone it has heard of but itself, written at most once a second", () => {
    const a = node("a");
    a.meet("b");
    a.hear("b", sync(member("b"), member("c", "dead")));
    expect(written(a.tickAfter(0))).toEqual(["b", "c"]);
    a.step({ kind: "disconnected", peer: nodeId("b") });
    expect(written(a.tickAfter(999))).toEqual([]);
    expect(written(a.tickAfter(1))).toEqual(["b", "c"]);
    expect(written(a.tickAfter(1000))).toEqual([]);
  });

  it("leads it back into the cluster when its seed is gone, and it joins through whoever is there", () => {
    const b = node("b", ["gone:7400"]);
    expect(dials(b.step(remembered(member("a"), member("b"), member("c"))))).toEqual(["gone:7400", "c:7400"]);
    expect(b.states()).toBe("a=alive@1 b=alive@1 c=alive@1");
    expect(b.core.joined).toBe(false);
    b.meet("c");
    b.hear("c", sync(member("c", "alive", 2)));
    expect(b.core.joined).toBe(true);
  });

  it("becomes a suspect when it cannot be reached, unless somebody else vouches for it", () => {
    const c = node("c");
    c.step(remembered(member("d"), member("e"), member("f", "dead")));
    c.meet("x");
    c.hear("x", sync(member("x"), member("e")));
    c.step({ kind: "dial-failed", address: "d:7400" });
    c.step({ kind: "dial-failed", address: "e:7400" });
    expect(c.states()).toBe("c=alive@1 d=suspect@1 e=alive@1 f=dead@1 x=alive@1");
  });

  it("comes back from its bytes, without what is no member", () => {
    const bytes = encodeRemembered([member("a"), { ...member("b"), name: "x".repeat(300) }, member("c", "left", 7)]);
    expect(decodeRemembered(bytes)).toEqual([member("a"), member("c", "left", 7)]);
    expect(decodeRemembered(new TextEncoder().encode("{"))).toEqual([]);
  });
});

describe("Membership messages", () => {
  it("keep a full list of long names under the cap", () => {
    const long = "x".repeat(40);
    const members = Array.from({ length: MAX_SYNC_MEMBERS }, (_, index) => member(`${long}${index}`));
    const message = sync(...members);
    const bytes = encodeMembershipMessage(message);
    expect(bytes.length).toBeLessThan(MAX_MESSAGE_BYTES);
    expect(decodeMembershipMessage(bytes)).toEqual(message);
  });

  it.each([
    ["no JSON", "{"],
    ["no object", "7"],
    ["no known kind", '{"kind":"shout"}'],
    ["a list that is none", '{"kind":"news","members":{}}'],
    ["a member without a state", JSON.stringify({ kind: "news", members: [{ ...member("a"), state: "odd" }] })],
    ["a negative incarnation", JSON.stringify({ kind: "news", members: [member("a", "alive", -1)] })],
    ["a name without end", JSON.stringify({ kind: "news", members: [{ ...member("a"), name: "x".repeat(300) }] })],
    ["a message over the cap", " ".repeat(MAX_MESSAGE_BYTES + 1)],
  ])("are ignored when they are %s", (_what, text) => {
    expect(decodeMembershipMessage(new TextEncoder().encode(text))).toBeUndefined();
  });
});
