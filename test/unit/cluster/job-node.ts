/** A job core on one node, driven step by step, and the jobs that are submitted to it. */

import { nodeId } from "../../../src/base/ids.js";
import { JobCore } from "../../../src/cluster/job/job-core.js";
import type { JobEffect, JobInput } from "../../../src/cluster/job/job-events.js";
import { type JobRecord, recordVersion } from "../../../src/cluster/job/job-record.js";
import type { View } from "../../../src/cluster/member.js";
import { protocolWith } from "../../../src/cluster/protocol.js";
import { type JobRequest, jobIdOf } from "../../../src/job/request.js";
import { manifestOf, requestOf, viewOf } from "./cluster-cores.js";

export const PROTOCOL = protocolWith();
export const JOB = jobIdOf("job");
export const RESULT = { encoded: () => new Uint8Array([1, 2, 3]), sizeBytes: 3 };

/** A job core with a hand on its clock; `at` moves it. */
export function coreOf(view: View, joined = true) {
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

export const kinds = (effects: readonly JobEffect[]): readonly string[] => effects.map((effect) => effect.kind);
export const outcomes = (effects: readonly JobEffect[]): readonly unknown[] =>
  effects.flatMap((effect) => (effect.kind === "submitted" ? [effect.outcome] : []));

/** A core of three members to which a job was submitted and planned; no copy is durable yet. */
export function submitted(changes: Parameters<typeof requestOf>[0] = {}, view = viewOf("a", "a b c")) {
  const node = coreOf(view);
  const request = requestOf(changes);
  node.nobodyKnows(node.submit(request));
  const effects = node.planned({ request });
  return { ...node, effects };
}
