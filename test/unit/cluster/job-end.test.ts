import { describe, expect, it } from "vitest";
import { nodeId } from "../../../src/base/ids.js";
import type { JobEffect, JobInput } from "../../../src/cluster/job/job-events.js";
import { mergeRecords, runningRecord } from "../../../src/cluster/job/job-record.js";
import { manifestDigest } from "../../../src/job/manifest.js";
import { NO_COUNTERS } from "../../../src/job/result.js";
import { manifestOf, requestOf, viewOf } from "./cluster-cores.js";
import { coreOf, JOB, kinds, RESULT, submitted } from "./job-node.js";

describe("The end of a job", () => {
  const finish = (node: ReturnType<typeof submitted>): readonly JobEffect[] =>
    node.step({
      kind: "root-done",
      jobId: JOB,
      manifestDigest: node.record().manifestDigest,
      result: RESULT,
      counters: NO_COUNTERS,
    });

  it("is shown only once two copies are durable; until then clients see it running", () => {
    const node = submitted();
    node.step({ kind: "ask", what: "result", caller: 5, jobId: JOB });
    finish(node);
    expect(node.core.shownRecord(JOB)?.state).toBe("RUNNING");
    node.stored(node.record());
    expect(node.core.shownRecord(JOB)?.state).toBe("RUNNING");
    const effects = node.copied(node.record(), "c");
    expect(node.core.shownRecord(JOB)?.state).toBe("COMPLETED");
    expect(effects).toContainEqual(expect.objectContaining({ kind: "ended", caller: 5 }));
    expect(effects).toContainEqual(
      expect.objectContaining({ kind: "publish", message: expect.objectContaining({ state: "COMPLETED" }) }),
    );
  });

  it("does not come from a root of a superseded manifest", () => {
    const node = submitted();
    const stale = manifestDigest(manifestOf([2], { nowMs: 99 }));
    node.step({ kind: "root-done", jobId: JOB, manifestDigest: stale, result: RESULT, counters: NO_COUNTERS });
    expect(node.record().state).toBe("RUNNING");
  });

  it("by another plan leaves what a status speaks of as it was, for as long as that is shown", () => {
    const node = submitted();
    const status = node.core.statuses()[0];
    if (status === undefined) throw new Error("the job is known");
    const shown = node.record().manifest;
    const other = manifestOf([3], { nowMs: 99 });
    const ended = { ...runningRecord(other), state: "COMPLETED" as const, coverage: 1, result: RESULT };
    node.step({ kind: "replicate", caller: 9, record: ended });
    expect(node.record().manifest).toBe(other);
    expect(node.core.manifestOf(status)).toBe(shown);
    node.stored(ended);
    node.copied(ended, "c");
    expect(node.core.shownRecord(JOB)?.state).toBe("COMPLETED");
    expect(node.core.manifestOf(status)).toBeUndefined();
  });

  it("comes by cancelling, and a later completion still wins", () => {
    const node = submitted();
    const rank0 = { ...runningRecord(manifestOf([2])), state: "COMPLETED" as const, coverage: 1, result: RESULT };
    node.step({ kind: "ask", what: "cancel", caller: 5, jobId: JOB });
    expect(node.record().state).toBe("CANCELLED");
    node.step({ kind: "replicate", caller: 9, record: rank0 });
    expect(node.record().state).toBe("COMPLETED");
  });

  it("comes with the deadline, naming what nobody can read", () => {
    const node = coreOf(viewOf("a", "a z!"));
    node.submit();
    node.planned({ node: "z" });
    node.at(59_999);
    expect(node.record().state).toBe("RUNNING");
    node.at(60_000);
    expect(node.record()).toMatchObject({ state: "FAILED", failure: { code: "DEADLINE" } });
    expect(node.record().failure?.message).toContain("60 s passed while no member could read web:f0");
  });

  it("does not come with the deadline while the job advances", () => {
    const node = coreOf(viewOf("a", "a z!"));
    node.submit();
    node.planned({ node: "z" });
    node.at(50_000);
    node.step({ kind: "progress", jobId: JOB, doneBytes: 1, doneSpans: 0 });
    node.at(109_999);
    expect(node.record().state).toBe("RUNNING");
    node.at(110_000);
    expect(node.record().state).toBe("FAILED");
  });
});

describe("The deadline of a job that takes an incomplete answer", () => {
  const atDeadline = () => {
    const node = coreOf(viewOf("a", "a z!"));
    const request = requestOf({ allowIncomplete: true });
    node.submit(request);
    node.planned({ node: "z", request });
    return { ...node, effects: node.at(60_000) };
  };
  const covered = (
    { step, record }: ReturnType<typeof atDeadline>,
    answer: Extract<JobInput, { kind: "root-covered" }>["answer"],
    missing: readonly number[],
  ) => step({ kind: "root-covered", jobId: JOB, manifestDigest: record().manifestDigest, answer, missing });

  it("makes the root gather what there is, once", () => {
    const node = atDeadline();
    expect(kinds(node.effects)).toContain("cover");
    expect(kinds(node.at(61_000))).not.toContain("cover");
    expect(node.record().state).toBe("RUNNING");
  });

  it("ends it INCOMPLETE with the share of bytes and the files that lack some", () => {
    const node = atDeadline();
    covered(node, { result: RESULT, counters: NO_COUNTERS, doneBytes: 2 ** 19 }, [0]);
    expect(node.record()).toMatchObject({ state: "INCOMPLETE", coverage: 0.25, missing: [0] });
    node.stored(node.record());
    const status = node.step({ kind: "ask", what: "status", caller: 4, jobId: JOB });
    expect(status).toContainEqual(
      expect.objectContaining({
        status: expect.objectContaining({ state: "INCOMPLETE", missing: ["web:f0"], holders: 0, holdersTotal: 1 }),
      }),
    );
  });

  it("fails it, naming the files, when there is nothing", () => {
    const node = atDeadline();
    covered(node, undefined, [0]);
    expect(node.record()).toMatchObject({ state: "FAILED", failure: { code: "DEADLINE" } });
    expect(node.record().failure?.message).toContain("web:f0");
  });
});

describe("The deadline of a job that everybody is there to read, and takes the whole answer only", () => {
  const atDeadline = () => {
    const node = coreOf(viewOf("a", "a"));
    node.submit();
    node.planned();
    return { ...node, effects: node.at(60_000) };
  };
  const identity = ({ record }: ReturnType<typeof atDeadline>) => ({
    kind: "root-covered" as const,
    jobId: JOB,
    manifestDigest: record().manifestDigest,
  });
  const answer = { result: RESULT, counters: NO_COUNTERS, doneBytes: 2 ** 20 };

  it("has what can be had gathered, and fails it naming the files that were not", () => {
    const node = atDeadline();
    expect(kinds(node.effects)).toContain("cover");
    expect(node.record().state).toBe("RUNNING");
    node.step({ ...identity(node), answer, missing: [0] });
    expect(node.record()).toMatchObject({ state: "FAILED", failure: { code: "DEADLINE" }, result: null });
    expect(node.record().failure?.message).toContain("60 s passed while nobody gave all of web:f0");
  });

  it("completes it when all of it was gathered", () => {
    const node = atDeadline();
    node.step({ ...identity(node), answer, missing: [] });
    expect(node.record()).toMatchObject({ state: "COMPLETED", coverage: 1 });
  });
});

describe("A job whose plan lacks a holder", () => {
  const lacking = {
    holders: 4,
    parts: [{ source: "web", node: nodeId("z"), holder: "z", paths: ["*.log"], bytes: null }],
  };

  it("ends INCOMPLETE though its root is whole, and says what it lacks all along", () => {
    const node = coreOf(viewOf("a", "a"));
    node.submit();
    node.step({ kind: "planned", jobId: JOB, outcome: { ...manifestOf([2]), lacking } });
    const status = node.step({ kind: "ask", what: "status", caller: 4, jobId: JOB });
    const missing = { missing: ["web:*.log"], holders: 3, holdersTotal: 4 };
    expect(status).toContainEqual(expect.objectContaining({ status: expect.objectContaining(missing) }));
    const { manifestDigest: digest } = node.record();
    const answer = { result: RESULT, counters: NO_COUNTERS };
    node.step({ kind: "root-done", jobId: JOB, manifestDigest: digest, ...answer });
    expect(node.record()).toMatchObject({ state: "INCOMPLETE", coverage: 0.75 });
  });

  it("gives way to a plan of the same job that lacks nothing", () => {
    const whole = runningRecord(manifestOf([2]));
    const part = runningRecord({ ...manifestOf([2]), lacking });
    expect(mergeRecords(whole, part)).toBe(whole);
    expect(mergeRecords(part, whole)).toBe(whole);
  });
});
