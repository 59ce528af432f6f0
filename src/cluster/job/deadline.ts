/** The end of a job whose deadline has passed: with what there was of the answer, or saying which files nobody could read. */

import { fileName, plannedShare } from "../../job/lacking.js";
import { type Manifest, treeShapeOf } from "../../job/manifest.js";
import { NOTHING_SKIPPED, skippedBytes } from "../../job/skipped.js";
import { bytesOf, rootOf } from "../../job/tree.js";
import type { View } from "../member.js";
import { placementOf } from "../placement/placement.js";
import type { CoverAnswer } from "./job-events.js";
import { failedRecord, incompleteRecord, type JobFailure, type JobRecord } from "./job-record.js";

/** INCOMPLETE with what the root could gather; FAILED when that is nothing, or was not wanted. */
export function coveredRecord(record: JobRecord, answer: CoverAnswer | undefined, view: View): JobRecord {
  const { manifest } = record;
  if (answer === undefined) return failedRecord(record, deadlineFailure(manifest, view));
  const shape = treeShapeOf(manifest);
  const { result, counters, missing, skipped = NOTHING_SKIPPED } = answer;
  const doneBytes = answer.doneBytes - skippedBytes(skipped);
  const coverage = (plannedShare(manifest) * doneBytes) / bytesOf(shape, rootOf(shape));
  return incompleteRecord(record, { result, counters, coverage, missing, skipped });
}

function deadlineFailure(manifest: Manifest, view: View): JobFailure {
  const unreadable = placementOf(manifest, view)
    .unreadableFiles()
    .map((index) => fileName(manifest.files[index]));
  const lacking =
    unreadable.length === 0 ? "before it was done" : `while no member could read ${unreadable.join(", ")}`;
  const seconds = manifest.request.deadlineMs / 1000;
  const message = `the deadline of ${seconds} s passed ${lacking}; raise --deadline or bring the holders back`;
  return { code: "DEADLINE", message };
}
