import { describe, expect, it } from "vitest";
import { nodeId } from "../../../src/base/ids.js";
import type { Member } from "../../../src/cluster/member.js";
import { replaces } from "../../../src/cluster/membership/member-table.js";
import type { MembershipEffect, MembershipInput } from "../../../src/cluster/membership/membership-events.js";
import {
  decodeMembershipMessage,
  encodeMembershipMessage,
  MAX_MESSAGE_BYTES,
  MAX_SYNC_MEMBERS,
} from "../../../src/cluster/membership/messages.js";
import { decodeRemembered, encodeRemembered } from "../../../src/cluster/membership/remembered.js";

import { comparisons, dials, member, node, PROTOCOL, sync } from "./membership-node.js";

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

describe("Joining", () => {
  it("dials its seeds at once and counts as joined when a peer's list has come", () => {
    const b = node("b", ["a:7400"]);
    expect(dials(b.tickAfter(0))).toEqual(["a:7400"]);
    expect(b.core.joined).toBe(false);
    expect(comparisons(b.meet("a"))).toEqual(["a"]);
    const view = b.hear("a", sync(member("a"))).find((effect) => effect.kind === "view-changed");
    expect(view).toMatchObject({ joined: true });
    expect(b.states()).toBe("a=alive@1 b=alive@1");
  });

  it("asks again for a list that does not come", () => {
    const b = node("b", ["a:7400"]);
    b.meet("a");
    expect(comparisons(b.tickAfter(PROTOCOL.syncRetryMs))).toEqual(["a"]);
    b.hear("a", sync(member("a")));
    expect(comparisons(b.tickAfter(PROTOCOL.syncRetryMs))).toEqual([]);
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
