/** The CPU work of a node, off the event loop: scanning spans, merging partials, finishing the root. */

import type { MapPlan, QueryPlan } from "../../engine/plan.js";
import type { Sight } from "../../engine/plan-time.js";
import type { HashPart, PartialSize } from "../../job/hash-part.js";
import type { Compression } from "../../job/manifest.js";
import type { AnswerTable, ScanCounters } from "../../job/result.js";
import type { SkippedRange } from "../../job/skipped.js";
import type { Cancel } from "./clock.js";

/** One piece of a span: a byte range of a file, in whose lines the records that begin there are read. */
export interface ScanRange {
  readonly realPath: string;
  /** How its bytes are compressed; the range is the whole file then. */
  readonly compression?: Compression;
  readonly format: string;
  readonly start: number;
  readonly end: number;
  /** Bytes of the file that the job may read; the record that begins before `end` may reach up to here. */
  readonly scanSize: number;
  /** Values of the fields `_file` and `_node` for every row of the range. */
  readonly fileName: string;
  readonly nodeName: string | null;
  /** Place of the file in the manifest, by which rows are ordered. */
  readonly fileIndex: number;
}

/** What a scan saw of a piece of one of its ranges. */
export interface SeenPiece extends Sight {
  readonly fileIndex: number;
  readonly start: number;
  readonly end: number;
}

/** Bytes that are known to hold no row of the answer: they are counted, and not read. */
export interface PassedOver {
  readonly counters: ScanCounters;
  readonly coverageBytes: number;
}

export interface ScanTask {
  /** Names what is computed: equal for equal content and plan, so that a piece of it is known again after a restart. */
  readonly work: string;
  readonly map: MapPlan;
  readonly ranges: readonly ScanRange[];
  /** Absent for nothing. */
  readonly passedOver?: PassedOver;
}

/**
 * A partial aggregate, encoded when someone asks for its bytes: a result that never leaves the process is never encoded.
 */
export interface PartialHandle {
  encoded(): Uint8Array;
  /** What the scan left out because no process survived it; absent when nothing. */
  readonly skipped?: readonly SkippedRange[];
  /** What the scan saw on the way, of the pieces of which it knows; absent when nothing. */
  readonly seen?: readonly SeenPiece[];
}

export interface TaskEvents<Result> {
  /** Bytes scanned so far. */
  onProgress?(doneBytes: number): void;
  onDone(result: Result): void;
  onFailed(error: Error): void;
}

/** Name and code of the error of an answer that is beyond its cap; errors lose their class between threads. */
export const RESULT_TOO_LARGE = "result-too-large";

/** Parts of encoded partials by the hashes of their groups: copies, made at once. */
export interface PartialSlices {
  /** Whether partials of the plan can be cut this way; the other two are for those alone. */
  isSliceable(map: MapPlan): boolean;
  /** Throws an Error with a code where the bytes are no partial. */
  sizeOf(partial: Uint8Array): PartialSize;
  /** As `sizeOf`. The slices of a partial, merged, are the partial. */
  slice(partial: Uint8Array, part: HashPart): Uint8Array;
}

export interface MapPool {
  readonly threads: number;
  scan(task: ScanTask, events: TaskEvents<PartialHandle>): Cancel;
  /**
   * Merges encoded partials of one plan. The inputs may be one or none. With `first`, a query of that plan over a part of
   * all groups, only those are kept that can be in its answer.
   */
  merge(map: MapPlan, partials: readonly Uint8Array[], events: TaskEvents<PartialHandle>, first?: QueryPlan): Cancel;
  /** An answer whose encoding has more than `mostBytes` may fail as a {@link RESULT_TOO_LARGE} before it is all made. */
  finish(
    plan: QueryPlan,
    root: PartialHandle | Uint8Array,
    events: TaskEvents<AnswerTable>,
    mostBytes?: number,
  ): Cancel;
  readonly slices: PartialSlices;
}
