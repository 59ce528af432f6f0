import { describe, expect, it } from "vitest";
import { nodeId } from "../../../src/base/ids.js";
import type { Member } from "../../../src/cluster/member.js";
import { MemberTable } from "../../../src/cluster/membership/member-table.js";
import type { MembershipEffect } from "../../../src/cluster/membership/membership-events.js";
import {
  encodeMembershipMessage,
  MAX_MESSAGE_BYTES,
  type MembershipMessage,
} from "../../../src/cluster/membership/messages.js";

import { comparisons, member, node, PROTOCOL, sync } from "./membership-node.js";

type Sent = Extract<MembershipEffect, { kind: "send" }>;
type TestNode = ReturnType<typeof node>;

const sendingsOf = (effects: readonly MembershipEffect[]): readonly Sent[] =>
  effects.filter((effect) => effect.kind === "send");

const numbered = (first: number, count: number): readonly Member[] =>
  Array.from({ length: count }, (_, index) => member(`m${String(first + index).padStart(4, "0")}`));

function knowing(id: string, members: readonly Member[]): TestNode {
  const known = node(id);
  for (const each of members) known.hear("z", sync(each));
  return known;
}

/** Two nodes that are connected with each other alone say all that they have to say; what was said. */
function converse(left: TestNode, right: TestNode): readonly MembershipMessage[] {
  const nodes = new Map([left, right].map((each) => [each.core.view.self, each]));
  const said: MembershipMessage[] = [];
  let pending: { readonly from: string; readonly sent: Sent }[] = [];
  const queue = (from: string, effects: readonly MembershipEffect[]): void => {
    pending.push(...sendingsOf(effects).map((sent) => ({ from, sent })));
  };
  const [one, other] = [left.core.view.self, right.core.view.self];
  queue(one, left.meet(other));
  queue(other, right.meet(one));
  while (pending.length > 0) {
    const [next, ...rest] = pending;
    pending = rest;
    if (next === undefined) break;
    said.push(next.sent.message);
    queue(next.sent.to, nodes.get(next.sent.to)?.hear(next.from, next.sent.message) ?? []);
  }
  return said;
}

const bytesOf = (messages: readonly MembershipMessage[]): number =>
  messages.reduce((sum, message) => sum + encodeMembershipMessage(message).length, 0);

describe("Digests of members", () => {
  it("are equal for those who have heard the same, in any order, and differ by incarnation and state", () => {
    const accounts = [member("a"), member("b", "suspect"), member("b"), member("c", "dead", 3)];
    const [one, other] = [new MemberTable(), new MemberTable()];
    for (const account of accounts) one.merge(account, 0);
    for (const account of [...accounts].reverse()) other.merge(account, 5);
    for (const count of [1, 2, 64]) expect(one.digests(count)).toEqual(other.digests(count));
    for (const changed of [member("a", "suspect"), member("a", "suspect", 2), member("d")]) {
      const before = other.digests(1);
      other.merge(changed, 6);
      expect(other.digests(1)).not.toEqual(before);
    }
  });

  it("of buckets add up to the one of everyone, and buckets hold everyone once", () => {
    const table = new MemberTable();
    for (const each of numbered(0, 100)) table.merge(each, 0);
    const all = [...Array(32).keys()];
    const xor = table.digests(32).reduce((sum, digest) => sum ^ BigInt(`0x${digest}`), 0n);
    expect([xor.toString(16).padStart(16, "0")]).toEqual(table.digests(1));
    const inside = [...table.inBuckets(32, all).values()].flat();
    expect(inside.map(({ id }) => id).sort()).toEqual(table.sorted().map(({ id }) => id));
  });
});

describe("Two nodes that meet", () => {
  it("exchange two short messages when they know the same, however many members there are", () => {
    const everyone = [...numbered(0, 500), member("a"), member("b")];
    const said = converse(knowing("a", everyone), knowing("b", everyone));
    expect(said.map(({ kind }) => kind)).toEqual(["compare", "sync"]);
    expect(bytesOf(said)).toBeLessThan(100);
  });

  it.each([
    ["one of them is new", 0, 0, 300],
    ["each knows some that the other does not", 100, 40, 40],
    ["few know few", 3, 1, 2],
    ["most is known to both", 400, 1, 1],
    ["nobody is known to both", 0, 70, 200],
  ])("know the same afterwards when %s", (_what, common, leftOnly, rightOnly) => {
    const left = knowing("a", [...numbered(0, common), ...numbered(1000, leftOnly)]);
    const right = knowing("b", [...numbered(0, common), ...numbered(2000, rightOnly)]);
    const said = converse(left, right);
    const known = [...numbered(0, common), ...numbered(1000, leftOnly), ...numbered(2000, rightOnly)];
    const expected = ["a", "b", ...known.map(({ id }) => id)].sort();
    for (const each of [left, right]) expect(each.core.view.members.map(({ id }) => id)).toEqual(expected);
    for (const message of said) expect(encodeMembershipMessage(message).length).toBeLessThan(MAX_MESSAGE_BYTES);
  });

  it("send little more than what differs", () => {
    const common = [...numbered(0, 500), member("a"), member("b")];
    const said = converse(knowing("a", [...common, member("new")]), knowing("b", common));
    const accounts = said.flatMap((message) => (message.kind === "sync" ? message.members : []));
    expect(accounts.map(({ id }) => id)).toContain("new");
    expect(accounts.length).toBeLessThan(20);
  });

  it("correct each other about the living and the dead, and who was thought dead refutes it", () => {
    const common = numbered(0, 50);
    const left = knowing("a", [...common, member("b", "dead"), member("c", "alive", 2)]);
    const right = knowing("b", [...common, member("a"), member("c", "dead", 1)]);
    converse(left, right);
    for (const each of [left, right]) {
      expect(each.states()).toContain("a=alive@1 b=alive@2 c=alive@2");
    }
  });

  it("ask once: the lower id, and the other one if nothing came for a second", () => {
    const higher = node("b");
    expect(comparisons(higher.meet("a"))).toEqual([]);
    expect(comparisons(higher.tickAfter(PROTOCOL.syncRetryMs - 1))).toEqual([]);
    expect(comparisons(higher.tickAfter(1))).toEqual(["a"]);
    expect(comparisons(node("a").meet("b"))).toEqual(["b"]);
  });
});

describe("A newcomer", () => {
  const crowded = (): TestNode => {
    const host = node("a");
    for (const { id } of numbered(0, 100)) host.meet(id);
    return host;
  };
  const published = (effects: readonly MembershipEffect[]): readonly MembershipMessage[] =>
    effects.flatMap((effect) => (effect.kind === "publish" ? [effect.message] : []));

  it("is introduced to a few of many, so that nobody who is joined through sends to everyone", () => {
    const introduced = sendingsOf(crowded().hear("m0000", sync(member("new")))).map(({ to }) => to);
    expect(new Set(introduced).size).toBe(introduced.length);
    expect(introduced).toHaveLength(8);
    expect(introduced).not.toContain(nodeId("m0000"));
  });

  it("that has met nobody else is told of by gossip as well, where there are more", () => {
    const newcomer: MembershipMessage = { kind: "sync", members: [member("new")], isNew: true };
    expect(published(crowded().hear("new", newcomer))).toEqual([{ kind: "news", members: [member("new")] }]);
    expect(published(crowded().hear("new", { ...newcomer, isNew: false }))).toEqual([]);
    const small = node("a");
    small.meet("b");
    expect(published(small.hear("new", newcomer))).toEqual([]);
  });

  it("says so to one of those that it dials", () => {
    const said = [converse(node("new", ["a:7400"]), knowing("a", numbered(0, 30)))];
    const joining = node("new", ["a:7400"]);
    said.push(converse(joining, knowing("a", numbered(0, 30))), converse(joining, knowing("b", numbered(0, 30))));
    const asNew = said.map((messages) => messages.filter((message) => message.kind === "sync" && message.isNew).length);
    expect(asNew).toEqual([1, 1, 0]);
  });
});
