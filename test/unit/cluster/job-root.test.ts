import { describe, expect, it } from "vitest";
import { nodeId } from "../../../src/base/ids.js";
import { JobCore } from "../../../src/cluster/job/job-core.js";
import type { JobEffect } from "../../../src/cluster/job/job-events.js";
import { runningRecord } from "../../../src/cluster/job/job-record.js";
import { rootDelayMs } from "../../../src/cluster/job/root-watch.js";
import { rootRanks } from "../../../src/cluster/placement/successors.js";
import { protocolWith } from "../../../src/cluster/protocol.js";
import { manifestOf, viewOf } from "./cluster-cores.js";
import { coreOf, JOB, kinds, PROTOCOL } from "./job-node.js";

describe("Two manifests of a split", () => {
  it("become the one with the lower digest, and work starts over with it", () => {
    const records = [1, 2].map((nowMs) => runningRecord(manifestOf([2], { nowMs })));
    const [low, high] = [...records].sort((left, right) => (left.manifestDigest < right.manifestDigest ? -1 : 1));
    if (low === undefined || high === undefined) throw new Error("there are two");
    const node = coreOf(viewOf("a", "a"));
    expect(kinds(node.step({ kind: "replicate", caller: 1, record: high }))).toContain("work");
    const effects = node.step({ kind: "replicate", caller: 2, record: low });
    expect(kinds(effects)).toEqual(expect.arrayContaining(["rest", "work"]));
    expect(node.record()).toBe(low);
    node.step({ kind: "replicate", caller: 3, record: high });
    expect(node.record()).toBe(low);
  });
});

describe("The root", () => {
  const members = "a b c d";
  const ranks = rootRanks(JOB, viewOf("a", members));

  it.each([
    [0, 0],
    [1, 2000],
    [3, 6000],
    [7, 14_000],
    [8, 15_000],
    [99, 15_000],
  ])("rank %i waits %i ms", (rank, delayMs) => {
    expect(rootDelayMs(rank, PROTOCOL)).toBe(delayMs);
  });

  it.each(ranks.map((id, rank) => [id, rank] as const))(
    "%s, of rank %i, starts it when its time has come",
    (id, rank) => {
      const node = coreOf(viewOf(id, members));
      const record = runningRecord(manifestOf([2]));
      const first = node.step({ kind: "replicate", caller: 1, record });
      const rootOf = (effects: readonly JobEffect[]): boolean =>
        effects.some((effect) => effect.kind === "work" && effect.root);
      expect(rootOf(first)).toBe(rank === 0);
      if (rank === 0) return;
      expect(rootOf(node.at(rank * 2000 - 1))).toBe(false);
      expect(rootOf(node.at(rank * 2000))).toBe(true);
    },
  );

  it("is not taken over while published coverage grows", () => {
    const second = ranks[1] ?? nodeId("b");
    const node = coreOf(viewOf(second, members));
    const record = runningRecord(manifestOf([9]));
    node.step({ kind: "replicate", caller: 1, record });
    for (let beat = 1; beat <= 9; beat += 1) {
      node.at(beat * 1000);
      const jobs = [{ jobId: JOB, manifestDigest: record.manifestDigest, doneBytes: beat * 1000, doneSpans: 0 }];
      node.step({ kind: "message", from: ranks[0] ?? nodeId("a"), message: { kind: "beacon", jobs } });
    }
    const effects = node.at(10_999);
    expect(kinds(effects)).not.toContain("work");
    expect(kinds(node.at(11_000))).toContain("work");
  });

  it("is taken over though coverage grows where its node says that it lags: it may take for ever", () => {
    const [first = nodeId("a"), second = nodeId("b")] = ranks;
    const view = viewOf(second, members);
    const isFirst = ({ id }: { readonly id: string }): boolean => id === first;
    const node = coreOf({ ...view, members: view.members.map((m) => (isFirst(m) ? { ...m, demoted: true } : m)) });
    const record = runningRecord(manifestOf([9]));
    node.step({ kind: "replicate", caller: 1, record });
    const started: number[] = [];
    for (let nowMs = 500; nowMs <= 6000; nowMs += 500) {
      const jobs = [{ jobId: JOB, manifestDigest: record.manifestDigest, doneBytes: nowMs, doneSpans: 0 }];
      node.step({ kind: "message", from: first, message: { kind: "beacon", jobs } });
      if (node.at(nowMs).some((effect) => effect.kind === "work" && effect.root)) started.push(nowMs);
    }
    expect(started).toEqual([4000]);
  });

  it("is never computed by a node of another semantics version, and by the next one at once", () => {
    const view = viewOf("a", members);
    const record = runningRecord(manifestOf([2]));
    const other = {
      ...view,
      members: view.members.map((one) => (one.id === ranks[0] ? { ...one, semanticsVersion: 99 } : one)),
    };
    const unable = coreOf({ ...other, self: ranks[0] ?? nodeId("a") });
    unable.step({ kind: "replicate", caller: 1, record });
    expect(unable.at(PROTOCOL.rankDelayMaxMs).some((effect) => effect.kind === "work" && effect.root)).toBe(false);
    const next = coreOf({ ...other, self: ranks[1] ?? nodeId("b") });
    const effects = next.step({ kind: "replicate", caller: 1, record });
    expect(effects).toContainEqual(expect.objectContaining({ kind: "work", root: true }));
  });

  it("is left to others by a node that goes, which takes it no more and hands its records over first", () => {
    const node = coreOf(viewOf(ranks[0] ?? "a", members));
    const record = runningRecord(manifestOf([2]));
    node.step({ kind: "replicate", caller: 1, record });
    expect(kinds(node.step({ kind: "leave" }))).toEqual(["rest"]);
    expect(kinds(node.at(PROTOCOL.rankDelayMaxMs))).not.toContain("work");
    expect(node.core.isHandedOver).toBe(false);
    node.stored(record);
    for (const id of ranks.slice(1)) node.copied(record, id);
    expect(node.core.isHandedOver).toBe(true);
  });

  it("is worked for no longer than thirty seconds after the last beacon", () => {
    const last = ranks[3] ?? nodeId("d");
    const protocol = protocolWith({ rankDelayMs: 100_000, rankDelayMaxMs: 100_000 });
    const core = new JobCore(viewOf(last, members), true, protocol);
    const record = runningRecord(manifestOf([2]));
    expect(kinds(core.step(0, { kind: "replicate", caller: 1, record }))).toContain("work");
    expect(kinds(core.step(29_999, { kind: "tick" }))).not.toContain("rest");
    expect(kinds(core.step(30_000, { kind: "tick" }))).toContain("rest");
  });
});
