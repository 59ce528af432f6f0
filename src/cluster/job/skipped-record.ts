/** The end of a job whose root merged what its manifest names, but for ranges that no process survived reading. */

import { plannedShare } from "../../job/lacking.js";
import { treeShapeOf } from "../../job/manifest.js";
import { NOTHING_SKIPPED, skippedBytes, skippedNames } from "../../job/skipped.js";
import { bytesOf, rootOf } from "../../job/tree.js";
import type { JobInput } from "./job-events.js";
import { completedRecord, failedRecord, incompleteRecord, type JobRecord } from "./job-record.js";

/** How many ranges a message names. */
const MAX_NAMED = 5;

export type WholeAnswer = Pick<Extract<JobInput, { kind: "root-done" }>, "result" | "counters" | "skipped">;

/** COMPLETED, or as the plan says, when nothing was skipped; otherwise INCOMPLETE where that is allowed, or FAILED. */
export function endedRecord(
  record: JobRecord,
  { result, counters, skipped = NOTHING_SKIPPED }: WholeAnswer,
): JobRecord {
  if (skipped.length === 0) return completedRecord(record, result, counters);
  const { manifest } = record;
  if (!manifest.request.allowIncomplete) {
    const names = skippedNames(manifest, skipped);
    const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : "";
    const ranges = names.slice(0, MAX_NAMED).join("; ");
    const message = `whatever reads them ends three times out of three: ${ranges}${more}; take --allow-incomplete for an answer without them`;
    return failedRecord(record, { code: "INPUT_SKIPPED", message });
  }
  const shape = treeShapeOf(manifest);
  const share = 1 - skippedBytes(skipped) / bytesOf(shape, rootOf(shape));
  return incompleteRecord(record, {
    result,
    counters,
    coverage: plannedShare(manifest) * share,
    missing: [],
    skipped,
  });
}
