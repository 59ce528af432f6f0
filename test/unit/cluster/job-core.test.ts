import { describe, expect, it } from "vitest";
import { nodeId } from "../../../src/base/ids.js";
import { JobCore } from "../../../src/cluster/job/job-core.js";
import type { JobEffect, JobInput } from "../../../src/cluster/job/job-events.js";
import { decodeJobMemory, encodeJobMemory } from "../../../src/cluster/job/job-memory.js";
import { decodeJobMessage, encodeJobMessage, MAX_BEACON_JOBS } from "../../../src/cluster/job/job-messages.js";
import { type JobRecord, mergeRecords, recordVersion, runningRecord } from "../../../src/cluster/job/job-record.js";
import { rootDelayMs } from "../../../src/cluster/job/root-watch.js";
import type { View } from "../../../src/cluster/member.js";
import { rootRanks } from "../../../src/cluster/placement/successors.js";
import { protocolWith } from "../../../src/cluster/protocol.js";
import { manifestDigest } from "../../../src/job/manifest.js";
import { type JobRequest, jobIdOf } from "../../../src/job/request.js";
import { NO_COUNTERS } from "../../../src/job/result.js";
import { manifestOf, requestOf, viewOf } from "./cluster-cores.js";

const PROTOCOL = protocolWith();
const JOB = jobIdOf("job");
const RESULT = { encoded: () => new Uint8Array([1, 2, 3]), sizeBytes: 3 };

/** A job core with a hand on its clock; `at` moves it. */
function coreOf(view: View, joined = true) {
  const core = new JobCore(view, joined, PROTOCOL);
  let nowMs = 0;
  const step = (input: JobInput): readonly JobEffect[] => core.step(nowMs, input);
  return {
    core,
    step,
    at: (ms: number): readonly JobEffect[] => {
      nowMs = ms;
      return step({ kind: "tick" });
    },
    submit: (request: JobRequest = requestOf(), caller = 1): readonly JobEffect[] =>
      step({ kind: "submit", caller, jobId: JOB, clientKey: "job", request }),
    /** Every node that is asked says that it does not know the job. */
    nobodyKnows: (effects: readonly JobEffect[]): readonly JobEffect[] =>
      effects
        .filter((effect) => effect.kind === "fetch")
        .flatMap((effect) => step({ kind: "fetched", jobId: JOB, from: effect.from, outcome: undefined })),
    planned: (changes: Parameters<typeof manifestOf>[1] = {}): readonly JobEffect[] =>
      step({ kind: "planned", jobId: JOB, outcome: manifestOf([2], changes) }),
    stored: (record: JobRecord): readonly JobEffect[] =>
      step({ kind: "stored", jobId: JOB, version: recordVersion(record), durable: true }),
    copied: (record: JobRecord, to: string): readonly JobEffect[] =>
      step({
        kind: "replicated",
        jobId: JOB,
        version: recordVersion(record),
        to: nodeId(to),
        incarnation: 1,
        durable: true,
      }),
    record: (): JobRecord => {
      const record = core.workingRecord(JOB);
      if (record === undefined) throw new Error("the job is not known");
      return record;
    },
  };
}

const kinds = (effects: readonly JobEffect[]): readonly string[] => effects.map((effect) => effect.kind);
const outcomes = (effects: readonly JobEffect[]): readonly unknown[] =>
  effects.flatMap((effect) => (effect.kind === "submitted" ? [effect.outcome] : []));

/** A core of three members to which a job was submitted and planned; no copy is durable yet. */
function submitted(changes: Parameters<typeof requestOf>[0] = {}, view = viewOf("a", "a b c")) {
  const node = coreOf(view);
  const request = requestOf(changes);
  node.nobodyKnows(node.submit(request));
  const effects = node.planned({ request });
  return { ...node, effects };
}

describe("A submit", () => {
  it.each(["the plan", "the successors' answers"])(
    "asks the successors while it is planned, and with both keeps, copies and announces; %s first",
    (first) => {
      const node = coreOf(viewOf("a", "a b c"));
      const asked = node.submit();
      expect(kinds(asked)).toEqual(["fetch", "fetch", "plan"]);
      const answers = [() => node.planned(), () => node.nobodyKnows(asked)];
      if (first !== "the plan") answers.reverse();
      expect(kinds(answers[0]?.() ?? [])).toEqual([]);
      const effects = answers[1]?.() ?? [];
      expect(kinds(effects)).toEqual(expect.arrayContaining(["publish", "store", "replicate", "replicate"]));
    },
  );

  it("is planned once for all who submit it meanwhile, and refused to who asks for something else under its key", () => {
    const node = coreOf(viewOf("a", "a b c"));
    const asked = node.submit();
    expect(node.submit(requestOf(), 2)).toEqual([]);
    expect(outcomes(node.submit(requestOf({ sql: "SELECT 2" }), 3))).toEqual([{ kind: "key-conflict" }]);
    node.nobodyKnows(asked);
    const refusal = { code: "no-files" as const, message: "no file" };
    const effects = node.step({ kind: "planned", jobId: JOB, outcome: refusal });
    expect(effects).toEqual([{ kind: "refuse-plan", callers: [1, 2], refusal }]);
  });

  it("is not made of a plan that comes when its key has gone to another request", () => {
    const node = coreOf(viewOf("a", "a b c"));
    const refusal = { code: "no-files" as const, message: "no file" };
    node.nobodyKnows(node.submit());
    node.step({ kind: "planned", jobId: JOB, outcome: refusal });
    node.nobodyKnows(node.submit(requestOf({ sql: "SELECT 2" })));
    expect(node.planned()).toEqual([]);
    expect(node.core.statuses()).toEqual([]);
  });

  it("is refused beyond the jobs that a node takes at a time, and taken when one has ended", () => {
    const core = new JobCore(viewOf("a", "a"), true, protocolWith({ activeJobs: 1 }));
    const submit = (key: string) =>
      core.step(0, { kind: "submit", caller: 1, jobId: jobIdOf(key), clientKey: key, request: requestOf() });
    expect(kinds(submit("job"))).toEqual(["plan"]);
    expect(outcomes(submit("other"))).toEqual([{ kind: "full", jobs: 1, most: 1 }]);
    core.step(0, { kind: "planned", jobId: JOB, outcome: manifestOf([2]) });
    expect(outcomes(submit("other"))).toEqual([{ kind: "full", jobs: 1, most: 1 }]);
    core.step(0, { kind: "ask", what: "cancel", caller: 2, jobId: JOB });
    const record = core.workingRecord(JOB);
    if (record === undefined) throw new Error("the job is not known");
    core.step(0, { kind: "stored", jobId: JOB, version: recordVersion(record), durable: true });
    expect(kinds(submit("other"))).toEqual(["plan"]);
  });

  it("adopts the job of a peer that knows the key, whatever was planned meanwhile", () => {
    const node = coreOf(viewOf("a", "a b c"));
    node.submit();
    node.planned({ nowMs: 7 });
    const outcome = runningRecord(manifestOf([2]));
    node.step({ kind: "fetched", jobId: JOB, from: nodeId("b"), outcome });
    expect(node.record()).toBe(outcome);
    expect(outcomes([...node.stored(outcome), ...node.copied(outcome, "b")])).toEqual([
      { kind: "acknowledged", copies: 2 },
    ]);
  });

  it("is refused before the node has joined", () => {
    expect(outcomes(coreOf(viewOf("a", "a"), false).submit())).toEqual([{ kind: "not-joined" }]);
  });

  it("is acknowledged with two durable copies, its own counted", () => {
    const node = submitted();
    expect(outcomes(node.effects)).toEqual([]);
    expect(outcomes(node.stored(node.record()))).toEqual([]);
    expect(outcomes(node.copied(node.record(), "b"))).toEqual([{ kind: "acknowledged", copies: 2 }]);
  });

  it("is acknowledged after a second with the one copy there is, and says so", () => {
    const node = submitted();
    node.stored(node.record());
    expect(outcomes(node.at(999))).toEqual([]);
    expect(outcomes(node.at(1000))).toEqual([{ kind: "acknowledged", copies: 1 }]);
  });

  it("is never acknowledged without a durable copy, however long it takes", () => {
    const node = submitted();
    expect(outcomes(node.at(5000))).toEqual([]);
    expect(outcomes(node.at(10_000))).toEqual([{ kind: "too-few-copies", copies: 0, wanted: 1 }]);
  });

  it("with a durability waits ten seconds for it, refuses, keeps the job, and takes a retry", () => {
    const node = submitted({ durability: 3 });
    node.stored(node.record());
    node.copied(node.record(), "b");
    expect(outcomes(node.at(9999))).toEqual([]);
    expect(outcomes(node.at(10_000))).toEqual([{ kind: "too-few-copies", copies: 2, wanted: 3 }]);
    expect(outcomes(node.submit(requestOf({ durability: 3 }), 2))).toEqual([]);
    expect(outcomes(node.copied(node.record(), "c"))).toEqual([{ kind: "acknowledged", copies: 3 }]);
  });

  it("a view that has shrunk does not lower the durability asked for", () => {
    const node = submitted({ durability: 3 }, viewOf("a", "a b! c!"));
    expect(outcomes([...node.stored(node.record()), ...node.at(5000)])).toEqual([]);
  });

  it("of another request under a known key is refused", () => {
    const node = submitted();
    expect(outcomes(node.submit(requestOf({ sql: "SELECT 2" }), 2))).toEqual([{ kind: "key-conflict" }]);
  });
});

describe("Copies", () => {
  it("go again every two seconds to whoever has not confirmed, and not to whoever has", () => {
    const node = submitted();
    node.copied(node.record(), "b");
    const targets = (effects: readonly JobEffect[]): readonly string[] =>
      effects.flatMap((effect) => (effect.kind === "replicate" ? [effect.to] : []));
    expect(targets(node.at(1999))).toEqual([]);
    expect(targets(node.at(2000))).toEqual(["c"]);
    expect(targets(node.at(4000))).toEqual(["c"]);
  });

  it("are forgotten when the node that had one comes back in a new life", () => {
    const node = submitted();
    node.copied(node.record(), "b");
    const { members } = viewOf("a", "a b c");
    const view: View = { self: nodeId("a"), members: members.map((one) => ({ ...one, incarnation: 2 })) };
    node.at(3000);
    const effects = [...node.step({ kind: "view", view, joined: true }), ...node.at(6000)];
    expect(effects).toContainEqual(expect.objectContaining({ kind: "replicate", to: "b", incarnation: 2 }));
  });

  it("of a peer are confirmed once they are on disk", () => {
    const node = coreOf(viewOf("a", "a b c"));
    const record = runningRecord(manifestOf([2]));
    expect(kinds(node.step({ kind: "replicate", caller: 9, record }))).not.toContain("confirm");
    expect(node.stored(record)).toContainEqual({ kind: "confirm", caller: 9, durable: true });
    expect(node.step({ kind: "replicate", caller: 10, record })).toContainEqual({
      kind: "confirm",
      caller: 10,
      durable: true,
    });
  });
});

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

describe("A job whose copies are refused by full disks", () => {
  const answered = (effects: readonly JobEffect[]) => effects.filter((effect) => effect.kind === "submitted");
  const refused = (node: ReturnType<typeof coreOf>, by: string): readonly JobEffect[] => {
    const version = recordVersion(node.record());
    if (by === "a") return node.step({ kind: "stored", jobId: JOB, version, durable: false });
    return node.step({ kind: "replicated", jobId: JOB, version, to: nodeId(by), incarnation: 1, durable: false });
  };
  const submittedTo = (view: string, request = requestOf()) => {
    const node = coreOf(viewOf("a", view));
    node.nobodyKnows(node.submit(request));
    node.planned({ request });
    return node;
  };
  const acknowledged = (copies: number) => ({
    kind: "submitted",
    callers: [1],
    jobId: JOB,
    outcome: { kind: "acknowledged", copies },
  });

  it("is acknowledged at once with those that there are", () => {
    const node = submittedTo("a b");
    expect(answered(refused(node, "b"))).toEqual([]);
    expect(answered(node.stored(node.record()))).toEqual([acknowledged(1)]);
  });

  it("is acknowledged with none only when every disk that was asked refuses", () => {
    const node = submittedTo("a b c");
    expect(answered([...refused(node, "a"), ...refused(node, "b")])).toEqual([]);
    expect(answered(refused(node, "c"))).toEqual([acknowledged(0)]);
  });

  it("waits as ever for a disk that is silent", () => {
    const node = submittedTo("a b");
    const version = recordVersion(node.record());
    refused(node, "a");
    const unheard = { kind: "replicated", jobId: JOB, version, to: nodeId("b"), incarnation: 1 } as const;
    expect(answered(node.step({ ...unheard, durable: "unreachable" }))).toEqual([]);
    expect(answered(node.at(1000))).toEqual([]);
  });

  it("is refused below the copies that were asked for", () => {
    const node = submittedTo("a", requestOf({ durability: 1 }));
    expect(answered(refused(node, "a"))).toEqual([]);
    expect(answered(node.at(10_000))).toMatchObject([{ outcome: { kind: "too-few-copies", copies: 0, wanted: 1 } }]);
  });

  it("shows its end with the copies that there are, and is copied again until the disks take it", () => {
    const node = submittedTo("a b");
    node.stored(node.record());
    refused(node, "b");
    const { manifestDigest: digest } = node.record();
    node.step({ kind: "root-done", jobId: JOB, manifestDigest: digest, result: RESULT, counters: NO_COUNTERS });
    node.stored(node.record());
    expect(node.core.shownRecord(JOB)?.state).toBe("RUNNING");
    refused(node, "b");
    expect(node.core.shownRecord(JOB)?.state).toBe("COMPLETED");
    expect(kinds(node.at(5000))).toContain("replicate");
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

describe("A job that ended", () => {
  const DAY_MS = PROTOCOL.retentionMs;
  const ended = (): JobRecord => ({
    ...runningRecord(manifestOf([2])),
    state: "COMPLETED",
    coverage: 1,
    result: RESULT,
  });
  const kept = () => {
    const node = coreOf(viewOf("a", "a"));
    node.step({ kind: "loaded", records: [ended()], memory: undefined });
    node.at(0);
    return node;
  };
  const retired = { kind: "retired" as const, jobId: JOB, manifestDigest: ended().manifestDigest };

  it("is kept for a day, then deleted from disk and memory", () => {
    const node = kept();
    expect(kinds(node.at(DAY_MS - 1))).not.toContain("delete");
    expect(node.at(DAY_MS)).toContainEqual({ kind: "delete", jobId: JOB });
    expect(node.core.statuses()).toEqual([]);
  });

  it("is not taken again after that, and whoever still has it is told", () => {
    const node = kept();
    node.at(DAY_MS);
    const effects = node.step({ kind: "replicate", caller: 9, record: ended() });
    expect(effects).toEqual([
      { kind: "confirm", caller: 9, durable: false },
      { kind: "publish", message: retired },
    ]);
    const other = kept();
    expect(other.step({ kind: "message", from: nodeId("a"), message: retired })).toContainEqual({
      kind: "delete",
      jobId: JOB,
    });
  });

  describe("in two ways, cancelled on one node and completed on the others,", () => {
    const cancelled = (): JobRecord => ({
      ...runningRecord(manifestOf([2])),
      state: "CANCELLED",
      failure: { code: "CANCELLED", message: "the job was cancelled" },
    });
    const knowing = (record: JobRecord) => {
      const node = coreOf(viewOf("a", "a b c"));
      node.step({ kind: "fetched", jobId: JOB, from: nodeId("b"), outcome: record });
      node.step({ kind: "replicate", caller: 1, record });
      return node;
    };
    const news = (record: JobRecord) => {
      const { state, manifestDigest: digest } = record;
      return { kind: "announce" as const, jobId: JOB, state, manifestDigest: digest, copies: [] };
    };

    it("says no to a copy of the lesser end, and tells everyone of the later one", () => {
      expect(knowing(ended()).step({ kind: "replicate", caller: 9, record: cancelled() })).toEqual([
        { kind: "confirm", caller: 9, durable: false },
        { kind: "publish", message: expect.objectContaining({ kind: "announce", state: "COMPLETED" }) },
      ]);
    });

    it("takes a copy of the later end", () => {
      const node = knowing(cancelled());
      node.step({ kind: "replicate", caller: 9, record: ended() });
      expect(node.record().state).toBe("COMPLETED");
      expect(node.stored(ended())).toContainEqual({ kind: "confirm", caller: 9, durable: true });
    });

    it("fetches the later end from whoever announces it, and shows it", () => {
      const node = knowing(cancelled());
      const heard = node.step({ kind: "message", from: nodeId("c"), message: news(ended()) });
      expect(heard).toEqual([{ kind: "fetch", from: nodeId("c"), jobId: JOB }]);
      node.step({ kind: "fetched", jobId: JOB, from: nodeId("c"), outcome: ended() });
      expect(node.core.shownRecord(JOB)?.state).toBe("COMPLETED");
    });

    it("tells the later end to whoever announces the lesser one", () => {
      const heard = knowing(ended()).step({ kind: "message", from: nodeId("c"), message: news(cancelled()) });
      expect(heard).toEqual([
        { kind: "send", to: nodeId("c"), message: expect.objectContaining({ state: "COMPLETED" }) },
      ]);
    });
  });

  it("may run anew under its key, and that run is another record", () => {
    const node = kept();
    node.at(DAY_MS);
    const anew = { ...ended(), ...runningRecord(manifestOf([2], { nowMs: DAY_MS })) };
    node.step({ kind: "replicate", caller: 9, record: anew });
    expect(node.record().state).toBe("RUNNING");
    expect(node.step({ kind: "message", from: nodeId("b"), message: retired })).toEqual([]);
    expect(node.record().state).toBe("RUNNING");
  });

  it("is forgotten sooner where it was only fetched for a client, and nothing is deleted", () => {
    const node = coreOf(viewOf("a", "a b"));
    node.step({ kind: "ask", what: "result", caller: 3, jobId: JOB });
    node.step({ kind: "fetched", jobId: JOB, from: nodeId("b"), outcome: ended() });
    node.at(0);
    node.at(PROTOCOL.fetchedMs - 1);
    expect(node.core.statuses()).toHaveLength(1);
    expect(kinds(node.at(PROTOCOL.fetchedMs))).not.toContain("delete");
    expect(node.core.statuses()).toEqual([]);
  });

  it("is as old after a restart as before, to the last time that its age was written down", () => {
    const node = kept();
    const { rememberAgesMs } = PROTOCOL;
    expect(kinds(node.at(rememberAgesMs - 1))).not.toContain("remember-jobs");
    const [written] = node.at(rememberAgesMs).filter((effect) => effect.kind === "remember-jobs");
    const memory = decodeJobMemory(encodeJobMemory(written?.memory ?? { ages: new Map(), tombstones: new Map() }));
    const next = coreOf(viewOf("a", "a"));
    next.step({ kind: "loaded", records: [ended()], memory });
    next.at(0);
    expect(kinds(next.at(DAY_MS - rememberAgesMs - 1))).not.toContain("delete");
    expect(kinds(next.at(DAY_MS - rememberAgesMs))).toContain("delete");
  });

  it("is not taken again by the next life of a node that kept it for its time", () => {
    const [written] = [...kept().at(DAY_MS)].filter((effect) => effect.kind === "remember-jobs");
    const memory = decodeJobMemory(encodeJobMemory(written?.memory ?? { ages: new Map(), tombstones: new Map() }));
    const next = coreOf(viewOf("a", "a"));
    next.step({ kind: "loaded", records: [], memory });
    expect(next.step({ kind: "replicate", caller: 9, record: ended() })).toEqual([
      { kind: "confirm", caller: 9, durable: false },
      { kind: "publish", message: retired },
    ]);
  });

  it("gives way where there are more of them than a node keeps, the oldest first", () => {
    const core = new JobCore(viewOf("a", "a"), true, protocolWith({ endedJobs: 2 }));
    const end = (key: string, nowMs: number): readonly JobEffect[] => {
      const record = { ...ended(), ...runningRecord(manifestOf([2], { key })), state: "CANCELLED" as const };
      core.step(nowMs, { kind: "loaded", records: [record], memory: undefined });
      return core.step(nowMs, { kind: "tick" });
    };
    expect([...end("one", 1), ...end("two", 2)]).toEqual([]);
    expect(end("three", 3)).toEqual([{ kind: "delete", jobId: jobIdOf("one") }]);
    expect(core.statuses().map((job) => job.id)).toEqual([jobIdOf("two"), jobIdOf("three")]);
  });

  it("gives way where their results are larger than a node keeps, but never the youngest", () => {
    const core = new JobCore(viewOf("a", "a"), true, protocolWith({ endedResultBytes: 5 }));
    for (const [nowMs, key] of ["one", "two"].entries()) {
      const record = { ...ended(), manifest: manifestOf([2], { key }) };
      core.step(nowMs, { kind: "loaded", records: [record], memory: undefined });
      core.step(nowMs, { kind: "tick" });
    }
    expect(core.statuses().map((job) => job.id)).toEqual([jobIdOf("two")]);
  });

  it("is counted without being encoded: its rows may be read by someone just then", () => {
    const core = new JobCore(viewOf("a", "a"), true, protocolWith({ endedResultBytes: 5 }));
    let encodings = 0;
    const result = {
      sizeBytes: 0,
      encoded: () => {
        encodings += 1;
        return new Uint8Array(100);
      },
    };
    core.step(0, { kind: "loaded", records: [{ ...ended(), result }], memory: undefined });
    core.step(1, { kind: "tick" });
    expect([encodings, core.statuses().length]).toEqual([0, 1]);
  });

  it.each(["", "null", "7", '{"ages":7,"tombstones":[["a"],[1,2],null]}'])(
    "has a memory that ignores what is malformed: %s",
    (text) => {
      const memory = decodeJobMemory(new TextEncoder().encode(text));
      expect([memory.ages.size, memory.tombstones.size]).toEqual([0, 0]);
    },
  );

  it("has a retirement that survives its bytes, and ignores a malformed one", () => {
    expect(decodeJobMessage(encodeJobMessage(retired))).toEqual(retired);
    expect(decodeJobMessage(new TextEncoder().encode('{"kind":"retired","jobId":7}'))).toBeUndefined();
  });
});

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

describe("Questions about a job that is not known here", () => {
  it("go to the successors, then to everyone, then are answered with nothing", () => {
    const node = coreOf(viewOf("a", "a b c d e f"));
    const first = node.step({ kind: "ask", what: "status", caller: 3, jobId: JOB });
    const second = node.nobodyKnows(first);
    const asked = [...first, ...second].flatMap((effect) => (effect.kind === "fetch" ? [effect.from] : []));
    expect(asked.sort()).toEqual(["b", "c", "d", "e", "f"]);
    expect(node.nobodyKnows(second)).toContainEqual({ kind: "status", caller: 3, status: undefined, silent: [] });
  });

  it("are answered with those who may know it: the asked that do not answer, and suspects, but not the dead", () => {
    const node = coreOf(viewOf("a", "a b c d e? f!"));
    const asked = node.step({ kind: "ask", what: "status", caller: 3, jobId: JOB });
    const outcomes = { b: undefined, c: "unreachable" } as const;
    for (const effect of asked) {
      if (effect.kind !== "fetch" || !(effect.from in outcomes)) continue;
      const outcome = outcomes[effect.from as string as keyof typeof outcomes];
      node.step({ kind: "fetched", jobId: JOB, from: effect.from, outcome });
    }
    const ends = [...node.at(1000), ...node.at(2000)];
    expect(ends).toContainEqual({ kind: "status", caller: 3, status: undefined, silent: ["c", "d", "e"] });
  });

  it("do not wait longer than a second for each round", () => {
    const node = coreOf(viewOf("a", "a b c d e f"));
    node.step({ kind: "ask", what: "result", caller: 3, jobId: JOB });
    expect(kinds(node.at(999))).toEqual([]);
    node.at(1000);
    expect(node.at(2000)).toContainEqual(
      expect.objectContaining({ kind: "ended", caller: 3, record: undefined, status: undefined }),
    );
  });
});

describe("Job messages", () => {
  it("keep a full beacon under the gossip cap", () => {
    const entry = { jobId: JOB, manifestDigest: "f".repeat(32), doneBytes: 2 ** 52, doneSpans: 100_000 };
    const message = { kind: "beacon" as const, jobs: Array.from({ length: MAX_BEACON_JOBS }, () => entry) };
    const bytes = encodeJobMessage(message);
    expect(bytes.length).toBeLessThan(64 * 1024);
    expect(decodeJobMessage(bytes)).toEqual(message);
  });

  it.each(["", "null", "[]", '{"kind":"announce"}', '{"kind":"beacon","jobs":[null]}', '{"kind":"beacon","jobs":7}'])(
    "are ignored when malformed: %s",
    (text) => {
      expect(decodeJobMessage(new TextEncoder().encode(text))).toBeUndefined();
    },
  );
});
