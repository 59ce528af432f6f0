import { describe, expect, it } from "vitest";
import { nodeId, type VertexKey } from "../../../src/base/ids.js";
import { protocolWith } from "../../../src/cluster/protocol.js";
import { ReductionCore } from "../../../src/cluster/reduction/reduction-core.js";
import type { Pull, ReductionEffect, VertexProgress } from "../../../src/cluster/reduction/reduction-events.js";
import type { Manifest } from "../../../src/job/manifest.js";
import { LEAF_BYTES, vertexName } from "../../../src/job/tree.js";
import { manifestOf, viewOf } from "./cluster-cores.js";
import { of } from "./reduction-node.js";

type PullEffect = Extract<ReductionEffect, { kind: "pull" }>;

const WORKING: VertexProgress = { doneBytes: 0, queuedBytes: 0, isWaiting: false, activity: 0 };
const WAITING: VertexProgress = { doneBytes: 0, queuedBytes: 50, isWaiting: true, activity: 0 };

/** The root of a job over one file, on a node outside the ring, so that every span is asked of a peer with one thread. */
function rootOver(manifest: Manifest, members: string) {
  const values = new Set<VertexKey>();
  const view = viewOf("a", members);
  const core = new ReductionCore(
    { ...view, self: nodeId("z") },
    {
      protocol: protocolWith(),
      scanSlots: 0,
      failFast: false,
      hasValue: (key) => values.has(key),
      sizeOf: () => undefined,
      finishOf: () => undefined,
      firstRowsOf: () => undefined,
    },
  );
  let nowMs = 0;
  const pullsOf = (effects: readonly ReductionEffect[]): readonly PullEffect[] =>
    effects.filter((effect) => effect.kind === "pull");
  const first = pullsOf(core.step(0, { kind: "work", manifest, root: true, isNew: false }));
  return {
    first,
    hear: (pull: Pull, progress: VertexProgress): readonly ReductionEffect[] =>
      core.step(nowMs, { kind: "pull-progress", pull, progress }),
    done: (pull: Pull, isFound = false): readonly ReductionEffect[] =>
      core.step(nowMs, { kind: "pull-done", pull, isFound }),
    at: (ms: number): readonly PullEffect[] => {
      nowMs = ms;
      return pullsOf(core.step(nowMs, { kind: "tick" }));
    },
    tick: (ms: number): readonly ReductionEffect[] => {
      nowMs = ms;
      return core.step(nowMs, { kind: "tick" });
    },
    wait: (ms: number): void => {
      nowMs = ms;
    },
    /** One of the members says that its event loop lags. */
    lags: (ill: string): readonly PullEffect[] => {
      const demoted = view.members.map((known) => (known.id === ill ? { ...known, demoted: true } : known));
      return pullsOf(core.step(nowMs, { kind: "view", view: { self: nodeId("z"), members: demoted } }));
    },
    join: (members2: string): readonly PullEffect[] => {
      const next = { ...viewOf("a", members2), self: nodeId("z") };
      return pullsOf(core.step(nowMs, { kind: "view", view: next }));
    },
  };
}

const withdrawn = (effects: readonly ReductionEffect[]): readonly Pull[] =>
  effects.flatMap((effect) => (effect.kind === "cancel-pull" ? [effect.pull] : []));

describe("A span that waits in a busy node's queue", () => {
  /** All spans wait at the nodes that were asked; then one node more is there. */
  const queued = () => {
    const root = rootOver(manifestOf([8]), "a b");
    expect(new Set(root.first.map(({ from }) => from)).size).toBe(2);
    for (const { pull } of root.first) root.hear(pull, WAITING);
    return root;
  };

  it("stays once it has begun, though a report overtakes the one that says so", () => {
    const root = queued();
    const last = root.first.at(-1);
    if (last === undefined) throw new Error("no span");
    root.hear(last.pull, { ...WORKING, activity: 1 });
    root.hear(last.pull, WAITING);
    expect(root.join("a b c").map(({ vertex }) => vertex)).not.toContainEqual(last.vertex);
  });

  it("stays while nobody is idle", () => {
    const root = queued();
    expect(root.at(100)).toEqual([]);
  });

  it("is asked of a member that has just joined, one for each of its threads, the last one first", () => {
    const root = queued();
    const [moved, ...more] = root.join("a b c");
    expect(more).toEqual([]);
    expect(moved).toMatchObject({ from: "c", vertex: root.first.at(-1)?.vertex });
  });

  it("is moved from there as well when somebody else, asked before, has not said a word", () => {
    const root = rootOver(manifestOf([8]), "a b");
    for (const { pull } of root.at(1500)) root.hear(pull, WAITING);
    expect(root.join("a b c").map(({ from }) => from)).toEqual(["c"]);
  });

  it("leaves the queue once the other node scans it", () => {
    const root = queued();
    const [moved] = root.join("a b c");
    if (moved === undefined) throw new Error("a span moves");
    expect(withdrawn(root.hear(moved.pull, WORKING))).toEqual([root.first.at(-1)?.pull]);
  });

  it("stays in it when the other one turns out to be busy too, and that one is left alone for a while", () => {
    const root = queued();
    const [moved] = root.join("a b c");
    if (moved === undefined) throw new Error("a span moves");
    root.wait(100);
    expect(withdrawn(root.hear(moved.pull, WAITING))).toEqual([moved.pull]);
    for (let nowMs = 200; nowMs < 2100; nowMs += 100) {
      for (const { pull } of root.first) root.hear(pull, { ...WAITING, activity: nowMs });
      expect(root.at(nowMs)).toEqual([]);
    }
    expect(root.at(2100).map(({ from }) => from)).toEqual(["c"]);
  });

  it("is not taken for one that stands still while its node gets on with other work", () => {
    const root = queued();
    for (let nowMs = 500; nowMs <= 60_000; nowMs += 500) {
      for (const { pull } of root.first) root.hear(pull, { ...WAITING, activity: nowMs });
      expect(root.at(nowMs)).toEqual([]);
    }
  });

  it("is asked elsewhere when its node does not get on at all", () => {
    const root = queued();
    const asked: PullEffect[] = [];
    for (let nowMs = 500; nowMs <= 6000; nowMs += 500) {
      for (const { pull } of root.first) root.hear(pull, WAITING);
      asked.push(...root.at(nowMs));
    }
    expect(new Set(asked.map(({ vertex }) => vertexName(vertex))).size).toBe(8);
  });
});

describe("A large span that waits", () => {
  const SPAN = 16 * LEAF_BYTES;
  /** Four of them; the first was scanned in `firstMs`, so that it is known how long they take. */
  const waiting = (firstMs: number, queuedBytes: number) => {
    const root = rootOver(manifestOf([64], { level: 1 }), "a b");
    const [scanned, ...others] = root.first;
    if (scanned === undefined) throw new Error("spans are asked for");
    for (const { pull } of others) root.hear(pull, { ...WAITING, queuedBytes });
    root.wait(firstMs);
    root.done(scanned.pull);
    for (const { pull } of others) root.hear(pull, { ...WAITING, queuedBytes, activity: 1 });
    return { root, others };
  };
  const namesOf = (asked: readonly PullEffect[]): readonly string[] => asked.map(({ vertex }) => vertexName(vertex));
  const leavesOf = (span: number): readonly string[] =>
    Array.from({ length: 16 }, (_, leaf) => `r0.0.${span * 16 + leaf}`);

  it("is opened when it is the last one of its queue: its children are asked for instead", () => {
    const { root } = waiting(1000, SPAN);
    expect(namesOf(root.at(1100))).toEqual([...leavesOf(3), ...leavesOf(2), ...leavesOf(1)]);
    expect(root.at(1200)).toEqual([]);
  });

  it("leaves its queue then", () => {
    const { root, others } = waiting(1000, SPAN);
    expect(withdrawn(root.tick(1100))).toEqual(others.map(({ pull }) => pull).reverse());
  });

  it("is merged once all its children are there, and counts as one span", () => {
    const { root } = waiting(1000, SPAN);
    const pieces = root.at(1100).slice(0, 16);
    const last = pieces.pop();
    if (last === undefined) throw new Error("pieces are asked for");
    for (const { pull } of pieces) expect(of(root.done(pull), "merge")).toEqual([]);
    expect(of(root.tick(1200), "root-progress")).toMatchObject([{ doneSpans: 1, doneBytes: SPAN + 15 * LEAF_BYTES }]);
    const [merge] = of(root.done(last.pull), "merge");
    expect(merge?.children).toEqual([...pieces, last].map(({ key }) => key));
  });

  it("stays whole while others wait behind it", () => {
    const { root } = waiting(1000, 2 * SPAN);
    expect(root.at(1100)).toEqual([]);
  });

  it("is opened before that when a node is idle, which a span from a long queue is moved to", () => {
    const near = waiting(1000, 3 * SPAN).root;
    expect(namesOf(near.join("a b c"))).toEqual([...leavesOf(3), ...leavesOf(2), ...leavesOf(1)]);
    const far = waiting(1000, 4 * SPAN).root;
    expect(namesOf(far.join("a b c"))).toEqual(["r0.1.3"]);
  });

  it("stays whole when it takes no longer than the pieces would cost", () => {
    const { root } = waiting(500, SPAN);
    expect(root.at(600)).toEqual([]);
  });
});

describe("A span that is scanned slowly", () => {
  /** Twenty siblings under one vertex would be two parents: sixteen allow one and a half to be scanned twice. */
  const scanning = () => {
    const root = rootOver(manifestOf([16]), "a b c");
    const [slow, ...rest] = root.first;
    if (slow === undefined) throw new Error("spans are asked for");
    return { root, slow, rest };
  };
  const MIB = 2 ** 20;

  it("is asked of another node as well, once, when its pace is under half the median", () => {
    const { root, slow, rest } = scanning();
    root.wait(1000);
    for (const { pull } of rest) root.hear(pull, { ...WORKING, doneBytes: MIB / 2 });
    root.hear(slow.pull, { ...WORKING, doneBytes: MIB / 10 });
    const asked = root.at(1000);
    expect(asked.map(({ vertex }) => vertex)).toEqual([slow.vertex]);
    expect(asked[0]?.from).not.toBe(slow.from);
    expect(root.at(1100)).toEqual([]);
  });

  it("is let be for its first second", () => {
    const { root, slow, rest } = scanning();
    root.wait(500);
    for (const { pull } of rest) root.hear(pull, { ...WORKING, doneBytes: MIB / 2 });
    root.hear(slow.pull, { ...WORKING, doneBytes: MIB / 20 });
    expect(root.at(999)).toEqual([]);
  });

  it("is compared with siblings that were scanned, not with those that were stored", () => {
    const { root, slow, rest } = scanning();
    root.wait(10);
    for (const { pull } of rest) root.done(pull, true);
    root.wait(1000);
    root.hear(slow.pull, { ...WORKING, doneBytes: MIB / 10 });
    expect(root.at(1000)).toEqual([]);
  });

  it("costs at most a tenth of extra work, counted by what was scanned in vain", () => {
    const { root, slow, rest } = scanning();
    const [second, ...others] = rest;
    if (second === undefined) throw new Error("spans are asked for");
    root.wait(1000);
    for (const { pull } of others) root.hear(pull, { ...WORKING, doneBytes: MIB / 2 });
    for (const { pull } of [slow, second]) root.hear(pull, { ...WORKING, doneBytes: MIB / 6 });
    const [first, ...more] = root.at(1000);
    if (first === undefined) throw new Error("one of them is doubled");
    expect(more).toEqual([]);
    root.hear(first.pull, { ...WORKING, doneBytes: MIB / 2 });
    expect(root.at(1100)).toEqual([]);
    root.done(first.pull);
    expect(root.at(1200).map(({ vertex }) => vertex)).toEqual([second.vertex]);
  });
});

describe("Spans that are scanned very slowly", () => {
  const MIB = 2 ** 20;
  const SLOW: VertexProgress = { ...WORKING, doneBytes: MIB / 20 };

  /** Nodes but one have scanned all of theirs, each in 200 ms. */
  const behind = (members: string) => {
    const root = rootOver(manifestOf([16]), members);
    const slowNode = root.first[0]?.from;
    const slow = root.first.filter(({ from }) => from === slowNode);
    root.wait(200);
    for (const { pull, from } of root.first) if (from !== slowNode) root.done(pull);
    root.wait(1000);
    for (const { pull } of slow) root.hear(pull, SLOW);
    return { root, slow, slowNode };
  };

  it("are all asked of other nodes at once: what was read of them is little", () => {
    const { root, slow, slowNode } = behind("a b c d");
    expect(slow.length).toBeGreaterThan(1);
    const asked = root.at(1000);
    expect(asked.map(({ vertex }) => vertex)).toEqual(slow.map(({ vertex }) => vertex));
    expect(asked.map(({ from }) => from)).not.toContain(slowNode);
    expect(root.at(1100)).toEqual([]);
  });

  it("are asked of a third node when the second one is as slow", () => {
    const { root, slow } = behind("a b c d");
    const [second, ...others] = root.at(1000);
    const [first] = slow;
    if (first === undefined || second === undefined) throw new Error("a second node is asked");
    root.wait(2000);
    for (const { pull } of others) root.done(pull);
    for (const { pull } of [first, second]) root.hear(pull, { ...SLOW, doneBytes: MIB / 10 });
    const [third, ...more] = root.at(2000);
    expect(more).toEqual([]);
    expect(third?.vertex).toEqual(first.vertex);
    expect([first.from, second.from]).not.toContain(third?.from);
  });

  it("move on from the second node's queue to one that is idle", () => {
    const { root, slow } = behind("a b c d");
    const second = root.at(1000);
    for (const { pull } of slow) root.hear(pull, SLOW);
    for (const { pull } of second) root.hear(pull, { ...WAITING, queuedBytes: 20 * MIB });
    const moved = root.join("a b c d e");
    expect(moved).toHaveLength(1);
    expect(moved[0]?.from).toBe("e");
    expect(second.map(({ vertex }) => vertex)).toContainEqual(moved[0]?.vertex);
  });

  it("are those that became slow in the middle, whatever was done before", () => {
    const root = rootOver(manifestOf([1, 1]), "a b c d");
    const [slow, other] = root.first;
    if (slow === undefined || other === undefined) throw new Error("spans are asked for");
    root.wait(200);
    root.done(other.pull);
    for (const ms of [1000, 2000, 3000]) {
      root.wait(ms);
      root.hear(slow.pull, { ...WORKING, doneBytes: 0.7 * MIB + ms });
    }
    expect(root.at(3000).map(({ vertex }) => vertex)).toEqual([slow.vertex]);
  });
});

describe("A slow span of a job that has few", () => {
  const MIB = 2 ** 20;
  const SLOW: VertexProgress = { ...WORKING, doneBytes: MIB / 10 };

  /** A job of two spans, at different nodes. */
  const two = () => {
    const root = rootOver(manifestOf([1, 1]), "a b c d");
    const [slow, other] = root.first;
    if (slow === undefined || other === undefined || slow.from === other.from) throw new Error("two nodes are asked");
    return { root, slow, other };
  };

  it("is asked of another node when it has less than a quarter of the pace that a node had with the other one", () => {
    const { root, slow, other } = two();
    root.wait(200);
    root.done(other.pull);
    root.wait(1000);
    root.hear(slow.pull, SLOW);
    expect(root.at(1000).map(({ vertex }) => vertex)).toEqual([slow.vertex]);
    expect(root.at(1100)).toEqual([]);
  });

  it("is let be when that one was hardly faster", () => {
    const { root, slow, other } = two();
    root.wait(3000);
    root.done(other.pull);
    root.hear(slow.pull, { ...WORKING, doneBytes: MIB / 3 });
    expect(root.at(3000)).toEqual([]);
  });

  it("is asked of another node when nothing is known of others, and its own says that it lags", () => {
    const { root, slow } = two();
    root.wait(1000);
    root.hear(slow.pull, SLOW);
    expect(root.at(1000)).toEqual([]);
    const asked = root.lags(slow.from);
    expect(asked.map(({ vertex }) => vertex)).toEqual([slow.vertex]);
    expect(asked[0]?.from).not.toBe(slow.from);
  });

  it("is let be all the same when half of it is done", () => {
    const { root, slow } = two();
    root.wait(1000);
    root.hear(slow.pull, { ...WORKING, doneBytes: MIB / 2 });
    expect(root.lags(slow.from)).toEqual([]);
  });

  it("is asked of another node though half of it is done when the rest takes longer than a node may stand still", () => {
    const { root, slow, other } = two();
    root.done(other.pull, true);
    for (const ms of [1000, 2000, 3000]) {
      root.wait(ms);
      root.hear(slow.pull, { ...WORKING, doneBytes: MIB / 2 + ms });
    }
    expect(root.at(3000)).toEqual([]);
    expect(root.lags(slow.from).map(({ vertex }) => vertex)).toEqual([slow.vertex]);
  });

  it("is asked of another node although one that was asked before it has not said a word", () => {
    const { root, slow, other } = two();
    root.wait(1400);
    root.hear(other.pull, { ...WORKING, doneBytes: 0.9 * MIB });
    const [second] = root.at(1500);
    if (second === undefined) throw new Error("the silent one is not waited for");
    expect(second.vertex).toBe(slow.vertex);
    root.wait(2500);
    root.hear(other.pull, { ...WORKING, doneBytes: 0.95 * MIB });
    root.hear(second.pull, SLOW);
    const [third, ...more] = root.lags(second.from);
    expect(third?.vertex).toBe(slow.vertex);
    expect([slow.from, second.from]).not.toContain(third?.from);
    expect(more).toEqual([]);
    expect(root.at(2600)).toEqual([]);
  });

  it("is asked of another node though one of its siblings was scanned twice before it", () => {
    const { root, slow, other } = two();
    root.wait(1000);
    root.hear(slow.pull, SLOW);
    const [instead] = root.lags(slow.from);
    if (instead === undefined) throw new Error("the slow one is not waited for");
    root.wait(2000);
    root.done(instead.pull);
    root.wait(3000);
    root.hear(other.pull, { ...WORKING, doneBytes: MIB / 100 });
    expect(root.at(3000).map(({ vertex }) => vertex)).toEqual([other.vertex]);
  });

  it("is not compared with how the children of a larger vertex come to the node that merges them", () => {
    const root = rootOver(manifestOf([1, 20]), "a b c d");
    const [slow, merged] = root.first;
    if (slow === undefined || merged === undefined) throw new Error("a span and a larger vertex are asked for");
    expect([slow, merged].map(({ vertex }) => vertexName(vertex))).toEqual(["r0.0.0", "r1.2.0"]);
    expect(merged.from).not.toBe(slow.from);
    root.wait(1000);
    root.hear(slow.pull, SLOW);
    root.hear(merged.pull, WORKING);
    expect(root.at(1000)).toEqual([]);
    expect(root.lags(slow.from).map(({ vertex }) => vertex)).toEqual([slow.vertex]);
  });

  it("may be the whole job", () => {
    const root = rootOver(manifestOf([1]), "a b c");
    const [slow] = root.first;
    if (slow === undefined) throw new Error("the span is asked for");
    root.wait(1000);
    root.hear(slow.pull, SLOW);
    expect(root.lags(slow.from).map(({ vertex }) => vertex)).toEqual([slow.vertex]);
  });
});
