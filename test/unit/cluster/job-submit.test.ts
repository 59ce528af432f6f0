import { describe, expect, it } from "vitest";
import { nodeId } from "../../../src/base/ids.js";
import { JobCore } from "../../../src/cluster/job/job-core.js";
import type { JobEffect } from "../../../src/cluster/job/job-events.js";
import { recordVersion, runningRecord } from "../../../src/cluster/job/job-record.js";
import { INCARNATIONS_PER_LIFE, type View } from "../../../src/cluster/member.js";
import { protocolWith } from "../../../src/cluster/protocol.js";
import { jobIdOf } from "../../../src/job/request.js";
import { manifestOf, requestOf, viewOf } from "./cluster-cores.js";
import { coreOf, JOB, kinds, outcomes, PROTOCOL, submitted } from "./job-node.js";

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

  it("is refused where it asks for a higher cap on its result than the node takes, unless the node has it already", () => {
    const core = new JobCore(viewOf("a", "a"), true, protocolWith({ maxResultBytes: 100 }));
    const submit = (maxResultBytes: number) =>
      core.step(0, { kind: "submit", caller: 1, jobId: JOB, clientKey: "job", request: requestOf({ maxResultBytes }) });
    expect(outcomes(submit(101))).toEqual([{ kind: "result-cap", askedBytes: 101, mostBytes: 100 }]);
    expect(kinds(submit(100))).toEqual(["plan"]);
    const taken = new JobCore(viewOf("a", "a b"), true, protocolWith({ maxResultBytes: 100 }));
    const request = requestOf({ maxResultBytes: 101 });
    const record = runningRecord(manifestOf([2], { request }));
    taken.step(0, { kind: "replicate", caller: 1, record });
    taken.step(0, { kind: "stored", jobId: JOB, version: recordVersion(record), durable: true });
    taken.step(0, { kind: "submit", caller: 2, jobId: JOB, clientKey: "job", request });
    const to = nodeId("b");
    const copied = {
      kind: "replicated",
      jobId: JOB,
      version: recordVersion(record),
      to,
      incarnation: 1,
      durable: true,
    } as const;
    expect(outcomes(taken.step(0, copied))).toEqual([{ kind: "acknowledged", copies: 2 }]);
  });

  it("waits for its turn to be planned while others are, in the order in which they came", () => {
    const core = new JobCore(viewOf("a", "a"), true, protocolWith({ plansAtOnce: 2 }));
    const planned = (effects: readonly JobEffect[]) =>
      effects.flatMap((effect) => (effect.kind === "plan" ? [effect.clientKey] : []));
    const submit = (key: string) =>
      planned(core.step(0, { kind: "submit", caller: 1, jobId: jobIdOf(key), clientKey: key, request: requestOf() }));
    const refusal = { code: "no-files" as const, message: "no file" };
    const end = (key: string) => planned(core.step(0, { kind: "planned", jobId: jobIdOf(key), outcome: refusal }));
    expect(["one", "two", "three", "four", "five"].map(submit)).toEqual([["one"], ["two"], [], [], []]);
    expect(submit("three")).toEqual([]);
    expect(end("two")).toEqual(["three"]);
    expect(end("one")).toEqual(["four"]);
    expect(end("three")).toEqual(["five"]);
    expect(end("four")).toEqual([]);
  });

  it("has the whole time for its copies, however long it was planned", () => {
    const node = coreOf(viewOf("a", "a b c"));
    node.nobodyKnows(node.submit());
    const { acknowledgeMs } = PROTOCOL;
    const plannedMs = 5 * acknowledgeMs;
    node.at(plannedMs);
    node.planned();
    expect(outcomes(node.stored(node.record()))).toEqual([]);
    expect(outcomes(node.at(plannedMs + acknowledgeMs))).toEqual([{ kind: "acknowledged", copies: 1 }]);
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

  it.each([
    ["are forgotten when the node that had one comes back in a new life", 1 + INCARNATIONS_PER_LIFE, true],
    ["stay when the node that has one only says something new of itself: all records would go to it again", 2, false],
  ])("%s", (_what, incarnation, isSentAgain) => {
    const node = submitted();
    node.copied(node.record(), "b");
    const { members } = viewOf("a", "a b c");
    const view: View = { self: nodeId("a"), members: members.map((one) => ({ ...one, incarnation })) };
    node.at(3000);
    const effects = [...node.step({ kind: "view", view, joined: true }), ...node.at(6000)];
    const sent = effects.flatMap((effect) => (effect.kind === "replicate" && effect.to === "b" ? [effect] : []));
    expect(sent.length > 0).toBe(isSentAgain);
    for (const replicate of sent) expect(replicate.incarnation).toBe(incarnation);
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
