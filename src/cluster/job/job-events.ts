/** What goes into the job core and what comes out of it. */

import type { JobId, NodeId } from "../../base/ids.js";
import type { Manifest } from "../../job/manifest.js";
import type { JobRequest } from "../../job/request.js";
import type { ScanCounters } from "../../job/result.js";
import type { SkippedRange } from "../../job/skipped.js";
import type { JobStatus } from "../../job/status.js";
import type { View } from "../member.js";
import type { JobMemory } from "./job-memory.js";
import type { JobMessage } from "./job-messages.js";
import type { JobFailure, JobRecord, JobResult } from "./job-record.js";

/** The driver's number for one call of a client, or of a peer that waits for a confirmation. */
export type Caller = number;

export type JobInput =
  | { readonly kind: "view"; readonly view: View; readonly joined: boolean }
  /** What the store held when the node started. */
  | { readonly kind: "loaded"; readonly records: readonly JobRecord[]; readonly memory: JobMemory | undefined }
  | {
      readonly kind: "submit";
      readonly caller: Caller;
      readonly jobId: JobId;
      readonly clientKey: string;
      readonly request: JobRequest;
    }
  | { readonly kind: "planned"; readonly jobId: JobId; readonly outcome: Manifest | PlanRefusal }
  | { readonly kind: "ask"; readonly what: ClientWish; readonly caller: Caller; readonly jobId: JobId }
  | { readonly kind: "caller-gone"; readonly caller: Caller }
  /** A peer pulls for a manifest of this job that is not the one known here. */
  | { readonly kind: "wanted"; readonly jobId: JobId }
  /** A peer wants a copy kept here. */
  | { readonly kind: "replicate"; readonly caller: Caller; readonly record: JobRecord }
  | {
      readonly kind: "fetched";
      readonly jobId: JobId;
      readonly from: NodeId;
      readonly outcome: JobRecord | "unreachable" | undefined;
    }
  | { readonly kind: "stored"; readonly jobId: JobId; readonly version: string; readonly durable: boolean }
  | {
      readonly kind: "replicated";
      readonly jobId: JobId;
      readonly version: string;
      readonly to: NodeId;
      readonly incarnation: number;
      /** `false`: the node cannot keep it. `declined`: it has no use for it, and says so in a message. */
      readonly durable: boolean | "declined" | "unreachable";
    }
  | { readonly kind: "message"; readonly from: NodeId; readonly message: JobMessage }
  /** How far the root that runs here has come. */
  | { readonly kind: "progress"; readonly jobId: JobId; readonly doneBytes: number; readonly doneSpans: number }
  | {
      readonly kind: "root-done";
      readonly jobId: JobId;
      readonly manifestDigest: string;
      readonly result: JobResult;
      readonly counters: ScanCounters;
      /** What no process survived reading: the result lacks it. Absent when nothing. */
      readonly skipped?: readonly SkippedRange[];
    }
  /** What there was of the answer when its deadline had passed; undefined when nothing. */
  | {
      readonly kind: "root-covered";
      readonly jobId: JobId;
      readonly manifestDigest: string;
      readonly answer: CoverAnswer | undefined;
      /** Files of the manifest that some bytes of were not had. */
      readonly missing: readonly number[];
    }
  | {
      readonly kind: "root-failed";
      readonly jobId: JobId;
      readonly manifestDigest: string;
      readonly failure: JobFailure;
    }
  | { readonly kind: "tick" }
  /** This node goes: its roots are for others, and it takes nothing new. */
  | { readonly kind: "leave" };

/**
 * Why a request cannot become a job. `invalid-query` and `invalid-argument` are the client's to mend; `source-unknown`
 * and `no-files` name what was asked for; `holders-missing` names what is lacking and may pass later.
 */
export interface PlanRefusal {
  readonly code: "invalid-query" | "invalid-argument" | "source-unknown" | "no-files" | "holders-missing";
  readonly message: string;
}

/** `status`: the state now. `watch`: now and at each change. `result`: once it has ended. `cancel`: end it. */
export type ClientWish = "status" | "watch" | "result" | "cancel";

export interface CoverAnswer {
  readonly result: JobResult;
  readonly counters: ScanCounters;
  /** Of the bytes that are done: what no process survived reading. Absent when nothing. */
  readonly skipped?: readonly SkippedRange[];
  readonly doneBytes: number;
}

/** `copies`: durable copies of the record when the answer was given. */
export type SubmitOutcome =
  | { readonly kind: "acknowledged"; readonly copies: number }
  | { readonly kind: "key-conflict" }
  | { readonly kind: "not-joined" }
  /** `jobs` are under way at this node, and `most` is what it takes. */
  | { readonly kind: "full"; readonly jobs: number; readonly most: number }
  /** The request's cap on its result, and the highest that this node takes. */
  | { readonly kind: "result-cap"; readonly askedBytes: number; readonly mostBytes: number }
  | { readonly kind: "too-few-copies"; readonly copies: number; readonly wanted: number };

export type JobEffect =
  | { readonly kind: "plan"; readonly jobId: JobId; readonly clientKey: string; readonly request: JobRequest }
  /** The record's time is over. */
  | { readonly kind: "delete"; readonly jobId: JobId }
  /** To be written down for the node's next life. */
  | { readonly kind: "remember-jobs"; readonly memory: JobMemory }
  | { readonly kind: "store"; readonly jobId: JobId; readonly record: JobRecord; readonly version: string }
  | {
      readonly kind: "replicate";
      readonly to: NodeId;
      readonly incarnation: number;
      readonly jobId: JobId;
      readonly record: JobRecord;
      readonly version: string;
    }
  | { readonly kind: "fetch"; readonly from: NodeId; readonly jobId: JobId }
  | { readonly kind: "publish"; readonly message: JobMessage }
  | { readonly kind: "send"; readonly to: NodeId; readonly message: JobMessage }
  /** The peer's copy is on disk here, or could not be written; `declined`: the job ended otherwise here, or is retired. */
  | { readonly kind: "confirm"; readonly caller: Caller; readonly durable: boolean | "declined" }
  | {
      readonly kind: "submitted";
      readonly callers: readonly Caller[];
      readonly jobId: JobId;
      readonly outcome: SubmitOutcome;
    }
  | { readonly kind: "refuse-plan"; readonly callers: readonly Caller[]; readonly refusal: PlanRefusal }
  /** Undefined when nobody who answered knows the job; `silent` names who did not answer and may. */
  | {
      readonly kind: "status";
      readonly caller: Caller;
      readonly status: JobStatus | undefined;
      readonly silent?: readonly NodeId[];
    }
  /** The terminal record and its status; undefined as above. */
  | {
      readonly kind: "ended";
      readonly caller: Caller;
      readonly record: JobRecord | undefined;
      readonly status: JobStatus | undefined;
      readonly silent?: readonly NodeId[];
    }
  /** Work for the job: its root if `root`, and, of one that `isNew`, the spans that this node owns. */
  | {
      readonly kind: "work";
      readonly jobId: JobId;
      readonly record: JobRecord;
      readonly root: boolean;
      readonly isNew: boolean;
    }
  /** The deadline of the root here has passed: give the best answer that can be had now. */
  | { readonly kind: "cover"; readonly jobId: JobId; readonly record: JobRecord }
  | { readonly kind: "rest"; readonly jobId: JobId };
