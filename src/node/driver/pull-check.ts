/** Whether what a peer pulls is a vertex that can be had here. */

import type { JobRecord } from "../../cluster/job/job-record.js";
import type { Manifest } from "../../job/manifest.js";
import { parseVertexName, type Vertex } from "../../job/tree.js";
import type { PullFailure, PullRequest } from "../ports/exchange.js";
import { isAskable } from "./askable.js";

export type CheckedPull =
  | { readonly manifest: Manifest; readonly vertex: Vertex }
  | { readonly failure: PullFailure; readonly detail: string };

/** `record`: what this node knows of the job; `semanticsVersion`: what it computes. */
export function checkPull(
  { jobId, manifestDigest, vertex: name, want }: PullRequest,
  record: JobRecord | undefined,
  semanticsVersion: number,
): CheckedPull {
  if (record === undefined || record.manifestDigest !== manifestDigest) {
    return { failure: "unknown-job", detail: `job ${jobId} is not known here with manifest ${manifestDigest}` };
  }
  const { manifest } = record;
  const vertex = parseVertexName(name);
  const finished = want?.kind === "part" ? want.finished.map((each) => each.vertex) : [];
  if (vertex === undefined || ![vertex, ...finished].every((each) => isAskable(manifest, each))) {
    return { failure: "failed", detail: `job ${jobId} has no vertex ${name}` };
  }
  // A node of another version cannot even merge: it would give another value.
  if (manifest.semanticsVersion !== semanticsVersion) {
    return { failure: "declined", detail: `this node computes semantics version ${semanticsVersion}` };
  }
  return { manifest, vertex };
}
