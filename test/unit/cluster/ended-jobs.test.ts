import { describe, expect, it } from "vitest";
import { nodeId } from "../../../src/base/ids.js";
import { JobCore } from "../../../src/cluster/job/job-core.js";
import type { JobEffect } from "../../../src/cluster/job/job-events.js";
import { decodeJobMemory, encodeJobMemory } from "../../../src/cluster/job/job-memory.js";
import { decodeJobMessage, encodeJobMessage } from "../../../src/cluster/job/job-messages.js";
import { type JobRecord, runningRecord } from "../../../src/cluster/job/job-record.js";
import { protocolWith } from "../../../src/cluster/protocol.js";
import { jobIdOf } from "../../../src/job/request.js";
import { manifestOf, viewOf } from "./cluster-cores.js";
import { coreOf, JOB, kinds, PROTOCOL, RESULT } from "./job-node.js";

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
      { kind: "confirm", caller: 9, durable: "declined" },
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
        { kind: "confirm", caller: 9, durable: "declined" },
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

  it("stays known where it was only fetched for a client, though a peer's end is by another plan", () => {
    const node = coreOf(viewOf("a", "a b c"));
    node.step({ kind: "ask", what: "result", caller: 3, jobId: JOB });
    node.step({ kind: "fetched", jobId: JOB, from: nodeId("b"), outcome: ended() });
    const { manifestDigest } = runningRecord(manifestOf([2], { nowMs: 99 }));
    const message = { kind: "announce" as const, jobId: JOB, state: "COMPLETED" as const, manifestDigest, copies: [] };
    const heard = node.step({ kind: "message", from: nodeId("c"), message });
    expect(kinds(heard)).toContain("fetch");
    expect(node.core.shownRecord(JOB)?.state).toBe("COMPLETED");
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
      { kind: "confirm", caller: 9, durable: "declined" },
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
    expect(core.statuses().map((job) => job.id)).toEqual([jobIdOf("three"), jobIdOf("two")]);
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
