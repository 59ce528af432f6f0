/**
 * What the cluster keeps of a job: its manifest, how far it came, its result. Records merge as a lattice, so copies may
 * travel in any order, any number of times, and all holders end with the same one.
 */

import { digestOf } from "../../base/digest.js";
import type { Digest, JobId } from "../../base/ids.js";
import { plannedShare } from "../../job/lacking.js";
import { type Manifest, manifestDigest } from "../../job/manifest.js";
import { NO_COUNTERS, type ScanCounters } from "../../job/result.js";
import { NOTHING_SKIPPED, type SkippedRange } from "../../job/skipped.js";
import { JOB_STATES, type JobState } from "../../job/status.js";

/** Why a job ended without an answer. `message` is what the client reads. */
export interface JobFailure {
  readonly code: "INPUT_CHANGED" | "INPUT_SKIPPED" | "DEADLINE" | "RESULT_TOO_LARGE" | "SCAN_FAILED" | "CANCELLED";
  readonly message: string;
}

/** An answer, encoded only when it leaves the process. */
export interface JobResult {
  encoded(): Uint8Array;
  /** Of its encoding; 0 for one that has not been encoded, and is not to be for this. */
  readonly sizeBytes: number;
}

export interface JobRecord {
  readonly manifest: Manifest;
  readonly manifestDigest: Digest;
  readonly state: JobState;
  /** Share of the manifest's bytes in the answer, 0 to 1. */
  readonly coverage: number;
  readonly counters: ScanCounters;
  readonly failure: JobFailure | null;
  readonly result: JobResult | null;
  /** Files of the manifest, by number, that an INCOMPLETE answer lacks some bytes of. */
  readonly missing: readonly number[];
  /** Ranges of the other files that it lacks because no process survived reading them. */
  readonly skipped: readonly SkippedRange[];
}

export const jobIdOfRecord = (record: JobRecord): JobId => record.manifest.jobId;

export const runningRecord = (manifest: Manifest): JobRecord => ({
  manifest,
  manifestDigest: manifestDigest(manifest),
  state: "RUNNING",
  coverage: 0,
  counters: NO_COUNTERS,
  failure: null,
  result: null,
  missing: [],
  skipped: NOTHING_SKIPPED,
});

/** The end of a root that merged every byte its manifest names: COMPLETED, unless the plan itself lacked something. */
export const completedRecord = (record: JobRecord, result: JobResult, counters: ScanCounters): JobRecord => ({
  ...record,
  state: record.manifest.lacking === undefined ? "COMPLETED" : "INCOMPLETE",
  coverage: plannedShare(record.manifest),
  counters,
  result,
});

/** The best answer there was at the deadline. */
export const incompleteRecord = (
  record: JobRecord,
  answer: {
    readonly result: JobResult;
    readonly counters: ScanCounters;
    readonly coverage: number;
    readonly missing: readonly number[];
    readonly skipped: readonly SkippedRange[];
  },
): JobRecord => ({ ...record, state: "INCOMPLETE", ...answer });

export const failedRecord = (record: JobRecord, failure: JobFailure): JobRecord => ({
  ...record,
  state: failure.code === "CANCELLED" ? "CANCELLED" : "FAILED",
  failure,
});

/** Positive where the left state is the later one. */
export const compareStates = (left: JobState, right: JobState): number =>
  JOB_STATES.indexOf(left) - JOB_STATES.indexOf(right);

/**
 * The join of two records of one job: the later state wins. Between two INCOMPLETE ones the higher coverage; then the
 * manifest that lacks fewer parts, then the one with the lower digest; then, for equal manifests, the lower content. A terminal state never gives way to an earlier one.
 */
export function mergeRecords(left: JobRecord, right: JobRecord): JobRecord {
  if (left === right) return left;
  const byState = compareStates(left.state, right.state);
  if (byState !== 0) return byState > 0 ? left : right;
  if (left.state === "INCOMPLETE" && left.coverage !== right.coverage) {
    return left.coverage > right.coverage ? left : right;
  }
  const byLacking = lackingParts(left) - lackingParts(right);
  if (byLacking !== 0) return byLacking < 0 ? left : right;
  if (left.manifestDigest !== right.manifestDigest) return left.manifestDigest < right.manifestDigest ? left : right;
  if (left.state === "RUNNING") return left;
  return contentDigest(left) <= contentDigest(right) ? left : right;
}

const lackingParts = (record: JobRecord): number => record.manifest.lacking?.parts.length ?? 0;

const contentDigest = (record: JobRecord): Digest =>
  digestOf(JSON.stringify(record.failure), "\0", record.result?.encoded() ?? "");

/** Names one state of one record, so that copies of an older one are told apart without comparing bytes. */
export const recordVersion = (record: JobRecord): string =>
  `${record.state}:${record.manifestDigest}:${record.coverage.toFixed(6)}`;
