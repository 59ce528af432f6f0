/**
 * Data between nodes: copies of job records, pulls of vertices, descriptions of files. Each call ends in exactly one
 * outcome, or in silence if the other side is gone; callers keep their own timers. gRPC in production.
 *
 * Contract suite: test/contract/exchange.ts.
 */

import type { JobId } from "../../base/ids.js";
import type { Member } from "../../cluster/member.js";
import type { PulledWant } from "../../cluster/reduction/reduction-events.js";
import type { FinishedVertex } from "../../job/hash-part.js";
import type { SkippedRange } from "../../job/skipped.js";
import type { Cancel } from "./clock.js";
import type { FileDescription, FileQuestion } from "./source-catalog.js";

export interface PullRequest {
  readonly jobId: JobId;
  /** `map`: the vertex is a span, computed by scanning. `reduce`: it is merged from its children. */
  readonly kind: "map" | "reduce";
  /** Name of the vertex in the job's tree: `vertexName`. */
  readonly vertex: string;
  /** Of the manifest that the puller works for; a node that has another one fetches the puller's. */
  readonly manifestDigest: string;
  /** Only what is finished of the vertex, gathered within this time; nothing is computed for it. */
  readonly previewMs?: number;
  /** What of the vertex; absent for its whole partial. */
  readonly want?: PulledWant;
}

export interface PullProgress {
  readonly doneBytes: number;
  /** Work waiting at the node, in bytes to scan. */
  readonly queuedBytes: number;
  /** The vertex is a span that waits for a thread. */
  readonly isWaiting: boolean;
  /** Changes as long as the vertex is worked for, or waits at a node that gets on. */
  readonly activity: number;
}

/**
 * `unknown-job`: has no manifest yet. `not-holder`: cannot read the bytes. `declined`: other semantics version, or
 * shutting down. `input-changed`: the file is not the manifest's any more. `failed`: anything else.
 */
export type PullFailure = "unknown-job" | "not-holder" | "declined" | "input-changed" | "failed" | "unreachable";

export interface PartialOrigin {
  /** It was there when it was asked for. */
  readonly isFound: boolean;
  /** Of a preview: how much of the vertex it covers. */
  readonly coveredBytes?: number;
  /** What it lacks of its vertex because no process survived reading it; absent when nothing. */
  readonly skipped?: readonly SkippedRange[];
}

/** At most one of `onPartial`, `onPlaces` and `onFailure`, and nothing after it. */
export interface PullEvents {
  onProgress(progress: PullProgress): void;
  /** The sealed partial, whole and with its checksum verified. */
  onPartial(partial: Uint8Array, origin: PartialOrigin): void;
  /** Instead of a partial that is larger than was wanted: what it is made of, and where that lies. */
  onPlaces?(finished: readonly FinishedVertex[], isFound: boolean): void;
  onFailure(failure: PullFailure, detail: string): void;
}

/** The serving side of a pull; calls after the puller went away do nothing. */
export interface PullResponder {
  progress(progress: PullProgress): void;
  partial(partial: Uint8Array, origin: PartialOrigin): void;
  places(finished: readonly FinishedVertex[], isFound: boolean): void;
  fail(failure: PullFailure, detail: string): void;
}

export interface ExchangeHandlers {
  /** Returns what to do when the puller goes away. */
  onPull(request: PullRequest, responder: PullResponder): Cancel;
  /** Stores a copy of an encoded job record, durably, then says so. */
  onReplicate(record: Uint8Array, done: (durable: boolean | "declined") => void): void;
  /** The encoded record of a job, or undefined. */
  onFetchRecord(jobId: JobId, done: (record: Uint8Array | undefined) => void): void;
  /** The files of a source that this node holds and that match the glob. */
  onDescribe(question: FileQuestion, done: (files: readonly FileDescription[]) => void): void;
}

export interface Exchange {
  start(handlers: ExchangeHandlers): void;
  pull(from: Member, request: PullRequest, events: PullEvents): Cancel;
  /** `false`: the node cannot keep it. `declined`: it has no use for it. `unreachable`: it did not answer, and may have kept it. */
  replicate(to: Member, record: Uint8Array, done: (durable: boolean | "declined" | "unreachable") => void): void;
  /** `undefined`: the node has no such job. `unreachable`: it did not answer. */
  fetchRecord(from: Member, jobId: JobId, done: (record: Uint8Array | "unreachable" | undefined) => void): void;
  describe(
    from: Member,
    question: FileQuestion,
    done: (files: readonly FileDescription[] | "unreachable") => void,
  ): void;
}
