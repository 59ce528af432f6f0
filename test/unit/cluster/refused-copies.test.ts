import { describe, expect, it } from "vitest";
import { nodeId } from "../../../src/base/ids.js";
import type { JobEffect } from "../../../src/cluster/job/job-events.js";
import { recordVersion } from "../../../src/cluster/job/job-record.js";
import { NO_COUNTERS } from "../../../src/job/result.js";
import { requestOf, viewOf } from "./cluster-cores.js";
import { coreOf, JOB, kinds, RESULT } from "./job-node.js";

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
