/**
 * What a node does for its clients, whichever way they reach it: gRPC, or a call in the same process when embedded. Every
 * method may be asked of any node about any job.
 */

import type { JobId, NodeId } from "../base/ids.js";
import type { PlanRefusal } from "../cluster/job/job-events.js";
import type { View } from "../cluster/member.js";
import type { JobRequest } from "../job/request.js";
import type { AnswerTable } from "../job/result.js";
import type { JobState, JobStatus } from "../job/status.js";
import type { Cancel } from "./ports/clock.js";

export interface Submitted {
  readonly jobId: JobId;
  /** Durable copies of the job when it was acknowledged; N copies survive N - 1 lost disks. */
  readonly copies: number;
}

/**
 * `key-conflict`: the client key belongs to a job with another request. `not-joined`: the node was told to join and has
 * not met a peer yet. `leaving`: it goes. `full`: it has as many jobs under way as it takes. `result-cap`: the cap on the result is
 * above the node's own. `too-few-copies`: fewer durable copies than asked for; the job stays, submit again with its key.
 */
export type SubmitRefusal =
  | PlanRefusal
  | { readonly code: "key-conflict" | "not-joined" | "leaving" | "full" | "result-cap"; readonly message: string }
  | { readonly code: "too-few-copies"; readonly message: string; readonly jobId: JobId; readonly copies: number };

export interface FinishedJob {
  readonly status: JobStatus;
  /** Absent when the job failed or was cancelled. */
  readonly table?: AnswerTable;
}

/**
 * `undefined`: nobody who answered knows the job. `silent` names members that did not answer and may know it: only when
 * there are none is the job unknown. Absent for none.
 */
export type Told<Answer> = (answer: Answer | undefined, silent?: readonly NodeId[]) => void;

export interface NodeService {
  submit(clientKey: string, request: JobRequest, done: (outcome: Submitted | SubmitRefusal) => void): void;
  status(id: JobId, done: Told<JobStatus>): Cancel;
  /** Reports now and at every change, the terminal state last. */
  watch(id: JobId, onStatus: Told<JobStatus>): Cancel;
  /** Waits for a running job. */
  result(id: JobId, done: Told<FinishedJob>): Cancel;
  /** Of a running job, the answer over what is finished now, and how much that covers; its result once it has ended. */
  preview(id: JobId, done: Told<FinishedJob>): Cancel;
  cancel(id: JobId, done: Told<JobStatus>): void;
  /** Those that run, and the youngest of those that have ended. */
  jobs(): readonly JobStatus[];
  /** Of all that this node remembers; a state that no job is in may lack. */
  jobCounts(): ReadonlyMap<JobState, number>;
  view(): View;
  /** Bytes of input that this node has scanned since it started. */
  scannedBytes(): number;
}
