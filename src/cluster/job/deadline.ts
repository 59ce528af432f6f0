/** What a job's failure says when its deadline has passed: which files nobody could read. */

import { fileName } from "../../job/lacking.js";
import type { Manifest } from "../../job/manifest.js";
import type { View } from "../member.js";
import { placementOf } from "../placement/placement.js";
import type { JobFailure } from "./job-record.js";

export function deadlineFailure(manifest: Manifest, view: View): JobFailure {
  const unreadable = placementOf(manifest, view)
    .unreadableFiles()
    .map((index) => fileName(manifest.files[index]));
  const lacking =
    unreadable.length === 0 ? "before it was done" : `while no member could read ${unreadable.join(", ")}`;
  const seconds = manifest.request.deadlineMs / 1000;
  const message = `the deadline of ${seconds} s passed ${lacking}; raise --deadline or bring the holders back`;
  return { code: "DEADLINE", message };
}
