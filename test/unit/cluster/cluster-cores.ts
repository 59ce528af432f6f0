/** Small builders for tests of the cores: members, views, manifests. */

import { nodeId } from "../../../src/base/ids.js";
import type { Member, MemberState, View } from "../../../src/cluster/member.js";
import { type Manifest, SEMANTICS_VERSION } from "../../../src/job/manifest.js";
import { DEFAULT_MAX_RESULT_BYTES, type JobRequest, jobIdOf } from "../../../src/job/request.js";
import { LEAF_BYTES } from "../../../src/job/tree.js";
import { toyManifest } from "../../sim/toy-engine.js";

export const memberOf = (id: string, state: MemberState = "alive", incarnation = 1): Member => ({
  id: nodeId(id),
  name: id,
  incarnation,
  listen: `${id}:7400`,
  grpc: `${id}:7401`,
  http: `${id}:7402`,
  threads: 1,
  zone: "",
  sources: [{ name: "web", shared: true }],
  protocolVersion: 1,
  semanticsVersion: SEMANTICS_VERSION,
  state,
});

/** `a b?` is a view of an alive `a` and a suspect `b`; `!` after an id marks the dead. */
export function viewOf(self: string, members: string): View {
  const parsed = members.split(" ").map((word) => {
    const state = word.endsWith("?") ? "suspect" : word.endsWith("!") ? "dead" : "alive";
    return memberOf(word.replace(/[?!]$/, ""), state);
  });
  return { self: nodeId(self), members: parsed };
}

export const requestOf = (changes: Partial<JobRequest> = {}): JobRequest => ({
  sql: "SELECT key, count(*)",
  allowIncomplete: false,
  deadlineMs: 60_000,
  maxResultBytes: DEFAULT_MAX_RESULT_BYTES,
  ...changes,
});

/** A manifest over shared files of so many leaves each, spans of one leaf. */
export const manifestOf = (
  leaves: readonly number[],
  { key = "job", request = requestOf(), nowMs = 0, node = null as string | null, level = 0 } = {},
): Manifest =>
  toyManifest(
    leaves.map((count, index) => ({
      source: "web",
      path: `f${index}`,
      node: node === null ? null : nodeId(node),
      sizeBytes: count * LEAF_BYTES,
    })),
    { jobId: jobIdOf(key), clientKey: key, request, planner: nodeId("a") },
    { kind: "range", level },
    nowMs,
  );
