import { describe, expect, it } from "vitest";
import { nodeId } from "../../../src/base/ids.js";
import { JobCore } from "../../../src/cluster/job/job-core.js";
import type { JobEffect } from "../../../src/cluster/job/job-events.js";
import { type JobRecord, runningRecord } from "../../../src/cluster/job/job-record.js";
import { INCARNATIONS_PER_LIFE, type View } from "../../../src/cluster/member.js";
import { type Protocol, protocolWith } from "../../../src/cluster/protocol.js";
import { jobIdOf } from "../../../src/job/request.js";
import { manifestOf, memberOf, viewOf } from "./cluster-cores.js";

type Replicate = Extract<JobEffect, { kind: "replicate" }>;

const ended = (key: string): JobRecord => ({
  ...runningRecord(manifestOf([2], { key })),
  state: "CANCELLED",
  failure: { code: "CANCELLED", message: "the job was cancelled" },
});

const together = viewOf("a", "a b");
/** The other member says something new of itself. */
const busy: View = { ...together, members: [memberOf("a"), { ...memberOf("b", "alive", 2), demoted: true }] };
/** The other member was away, and may have lost its disk. */
const back: View = { ...together, members: [memberOf("a"), memberOf("b", "alive", INCARNATIONS_PER_LIFE)] };

/** A node that keeps `jobs` jobs that have ended; the other member has a copy of each. */
function nodeWith(jobs: number, changes: Partial<Protocol> = {}) {
  const core = new JobCore(together, true, protocolWith(changes));
  let nowMs = 0;
  const copies = (effects: readonly JobEffect[]): readonly Replicate[] =>
    effects.filter((effect) => effect.kind === "replicate");
  const node = {
    core,
    at: (ms: number): readonly Replicate[] => {
      nowMs = ms;
      return copies(core.step(nowMs, { kind: "tick" }));
    },
    sees: (view: View): readonly Replicate[] => copies(core.step(nowMs, { kind: "view", view, joined: true })),
    answers: ({ jobId, version, to, incarnation }: Replicate): readonly Replicate[] =>
      copies(core.step(nowMs, { kind: "replicated", jobId, version, to, incarnation, durable: true })),
  };
  const records = Array.from({ length: jobs }, (_, index) => ended(`job ${index}`));
  core.step(0, { kind: "loaded", records, memory: undefined });
  for (let copied = node.at(2000); copied.length > 0; copied = copied.flatMap(node.answers));
  return node;
}

describe("A node that keeps many jobs that have ended", () => {
  it("sends nothing when a member says something new of itself within its life", () => {
    const node = nodeWith(5);
    expect([node.sees(busy), node.at(5000), node.at(10_000)]).toEqual([[], [], []]);
  });

  it("sends a member that comes back a few records at a time, the next when it has taken one", () => {
    const node = nodeWith(8, { resendsAtOnce: 3 });
    node.sees(back);
    const first = node.at(5000);
    expect(first).toHaveLength(3);
    expect(node.at(5100)).toEqual([]);
    const all = [...first];
    for (let next = first.slice(0, 1); next.length > 0; next = next.flatMap(node.answers)) all.push(...next);
    for (const copy of first.slice(1)) all.push(...node.answers(copy));
    expect(new Set(all.map(({ jobId }) => jobId)).size).toBeGreaterThan(3);
  });

  it("has sent it all of them in the end, each once", () => {
    const node = nodeWith(20, { resendsAtOnce: 3 });
    node.sees(back);
    const sent: Replicate[] = [];
    for (let copied = node.at(5000); copied.length > 0; copied = copied.flatMap(node.answers)) sent.push(...copied);
    expect(sent.map(({ jobId }) => jobId).sort()).toEqual(
      Array.from({ length: 20 }, (_, index) => jobIdOf(`job ${index}`)).sort(),
    );
    expect(node.at(10_000)).toEqual([]);
  });

  it("sends as few again when a member never answers", () => {
    const node = nodeWith(8, { resendsAtOnce: 3 });
    node.sees(back);
    const counts = [5000, 6999, 7000, 9000].map((ms) => node.at(ms).length);
    expect(counts).toEqual([3, 0, 3, 3]);
  });

  it("sends a member no more bytes at a time than it may, whoever waits for them", () => {
    const core = new JobCore(together, true, protocolWith({ copiesBytes: 10_000 }));
    const result = { encoded: () => new Uint8Array(4000), sizeBytes: 4000 };
    const completed = (key: string): JobRecord => ({
      ...runningRecord(manifestOf([2], { key })),
      state: "COMPLETED",
      result,
    });
    core.step(0, { kind: "loaded", records: ["one", "two", "three"].map(completed), memory: undefined });
    const tick = (nowMs: number) => core.step(nowMs, { kind: "tick" }).filter((effect) => effect.kind === "replicate");
    expect(tick(2000)).toHaveLength(1);
    expect(tick(7999)).toEqual([]);
    const [again, ...more] = tick(8000);
    expect(more).toEqual([]);
    const { jobId, version, to, incarnation } = again ?? expect.fail();
    const answer = { kind: "replicated" as const, jobId, version, to, incarnation, durable: true };
    const next = core.step(8001, answer).filter((effect) => effect.kind === "replicate");
    expect(next).toMatchObject([{ to: nodeId("b") }]);
    expect(next[0]?.jobId).not.toBe(jobId);
  });

  it("sends those that somebody waits for all the same", () => {
    const node = nodeWith(4, { resendsAtOnce: 1 });
    node.sees(back);
    expect(node.at(5000)).toHaveLength(1);
    const { request } = manifestOf([2]);
    const submit = { kind: "submit" as const, jobId: jobIdOf("job 3"), clientKey: "job 3", request };
    const waited = node.core.step(5000, { ...submit, caller: 7 });
    expect(waited.filter((effect) => effect.kind === "replicate")).toMatchObject([
      { to: nodeId("b"), jobId: jobIdOf("job 3") },
    ]);
  });

  it("looks at some of them with each tick when members come and go, and at all within a few", () => {
    const node = nodeWith(10, { recordsCheckedAtOnce: 4 });
    const [atOnce, ...later] = [node.sees(back), ...[2100, 2200, 4100, 4200, 4300].map(node.at)];
    expect(atOnce).toEqual([]);
    expect(later.flat()).toHaveLength(10);
    expect(Math.max(...later.map((copies) => copies.length))).toBeLessThanOrEqual(4);
  });

  it("lists a thousand of them, the last that ended first, and counts all", () => {
    const core = new JobCore(viewOf("a", "a"), true, protocolWith());
    for (const nowMs of [1, 2]) {
      const records = Array.from({ length: 600 }, (_, index) => ended(`job ${nowMs}.${index}`));
      core.step(nowMs, { kind: "loaded", records, memory: undefined });
      core.step(nowMs, { kind: "tick" });
    }
    const listed = core.statuses().map(({ id }) => id);
    expect(listed).toHaveLength(1000);
    expect(listed.slice(0, 600)).toContain(jobIdOf("job 2.0"));
    expect(listed).not.toContain(jobIdOf("job 1.0"));
    expect([...core.countByState()]).toEqual([["CANCELLED", 1200]]);
  });

  it("lets all go whose time is over, some with each tick", () => {
    const node = nodeWith(250);
    node.at(3000);
    const { retentionMs } = protocolWith();
    const left = [3000, 3100, 3200].map((ms) => {
      node.at(retentionMs + ms);
      return node.core.statuses().length;
    });
    expect(left).toEqual([150, 50, 0]);
  });
});
