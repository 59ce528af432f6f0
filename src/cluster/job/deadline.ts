/** The end of a job whose deadline has passed: with what there was of the answer, or saying which files nobody could read. */

import { fileName, plannedShare } from "../../job/lacking.js";
import { type Manifest, treeShapeOf } from "../../job/manifest.js";
import { NOTHING_SKIPPED, skippedBytes } from "../../job/skipped.js";
import { bytesOf, rootOf } from "../../job/tree.js";
import type { View } from "../member.js";
import { placementOf } from "../placement/placement.js";
import type { CoverAnswer } from "./job-events.js";
import { failedRecord, incompleteRecord, type JobFailure, type JobRecord } from "./job-record.js";
import { endedRecord } from "./skipped-record.js";

/** What the root could gather, if anything, and the numbers of the files that it lacks. */
export interface Covered {
  readonly answer?: CoverAnswer | undefined;
  readonly missing: readonly number[];
}

/** The end that a whole answer has; INCOMPLETE with a part of one, FAILED when there is nothing or no part was wanted. */
export function coveredRecord(record: JobRecord, { answer, missing }: Covered, view: View): JobRecord {
  const { manifest } = record;
  if (answer !== undefined && missing.length === 0) return endedRecord(record, answer);
  if (answer === undefined || !manifest.request.allowIncomplete) {
    return failedRecord(record, deadlineFailure(manifest, missing, view));
  }
  const shape = treeShapeOf(manifest);
  const { result, counters, skipped = NOTHING_SKIPPED } = answer;
  const doneBytes = answer.doneBytes - skippedBytes(skipped);
  const coverage = (plannedShare(manifest) * doneBytes) / bytesOf(shape, rootOf(shape));
  return incompleteRecord(record, { result, counters, coverage, missing, skipped });
}

/** Numbers of the files that no member is there to read. */
export const unreadableFiles = (manifest: Manifest, view: View): readonly number[] =>
  placementOf(manifest, view).unreadableFiles();

function deadlineFailure(manifest: Manifest, missing: readonly number[], view: View): JobFailure {
  const namesOf = (files: readonly number[]): string =>
    files.map((index) => fileName(manifest.files[index])).join(", ");
  const unreadable = unreadableFiles(manifest, view);
  const seconds = manifest.request.deadlineMs / 1000;
  const passed = `the deadline of ${seconds} s passed`;
  if (unreadable.length > 0) {
    const wayOut = "raise --deadline or bring the holders back";
    return { code: "DEADLINE", message: `${passed} while no member could read ${namesOf(unreadable)}; ${wayOut}` };
  }
  if (missing.length === 0) return { code: "DEADLINE", message: `${passed} before it was done; raise --deadline` };
  const wayOut = "submit again under a new key if they were cut or replaced, or raise --deadline";
  return { code: "DEADLINE", message: `${passed} while nobody gave all of ${namesOf(missing)}; ${wayOut}` };
}
