/** A job's status as clients see it, put together from what this node knows. */

import type { JobId, NodeId } from "../../base/ids.js";
import { fileName, lackingNames, missingHolders, plannedShare } from "../../job/lacking.js";
import { holderOf, type Manifest, treeShapeOf } from "../../job/manifest.js";
import { skippedBytes, skippedNames } from "../../job/skipped.js";
import { isTerminal, type JobStatus, type NodeProgress } from "../../job/status.js";
import { bytesOf, rootOf, spansOf } from "../../job/tree.js";
import type { View } from "../member.js";
import { placementOf } from "../placement/placement.js";
import { copiesOf, type JobEntry } from "./job-entry.js";

/** Bytes that are done of the spans of each node, as the computation of a root here knows. */
export type DoneByNode = (id: JobId) => ReadonlyMap<NodeId, number>;

export function statusOf(entry: JobEntry, view: View, doneByNode: DoneByNode): JobStatus {
  const { manifest, state, coverage } = entry.shown;
  const shape = treeShapeOf(manifest);
  const spans = spansOf(shape, rootOf(shape));
  const bytesTotal = bytesOf(shape, rootOf(shape));
  const ended = isTerminal(state);
  const hasAll = state === "COMPLETED" || (state === "INCOMPLETE" && entry.shown.missing.length === 0);
  const { skipped } = entry.shown;
  const bytesDone = (hasAll ? bytesTotal : Math.min(entry.doneBytes, bytesTotal)) - skippedBytes(skipped);
  const placement = placementOf(manifest, view);
  const owners = new Set(spans.map((span) => placement.ownerOf(span)));
  const unread = hasAll ? [] : state === "INCOMPLETE" ? entry.shown.missing : placement.unreadableFiles();
  const doneShare = bytesTotal === 0 ? 0 : (bytesDone / bytesTotal) * plannedShare(manifest);
  return {
    id: entry.id,
    state,
    sql: manifest.request.sql,
    coverage: ended ? coverage : doneShare,
    bytesDone,
    bytesTotal,
    chunksDone: hasAll ? spans.length : Math.min(entry.doneSpans, spans.length),
    chunksTotal: spans.length,
    nodes: view.members.filter((member) => owners.has(member.id)).map((member) => member.name),
    copies: copiesOf(entry, view),
    missing: [
      ...lackingNames(manifest),
      ...unread.map((index) => fileName(manifest.files[index])),
      ...skippedNames(manifest, skipped),
    ],
    ...holdersOf(manifest, unread),
    unparsed: entry.shown.counters.unparsed,
    manifestDigest: entry.shown.manifestDigest,
    root: entry.root,
    error: entry.shown.failure?.message ?? null,
    nodeProgress: entry.rootHere && !ended ? progressByNode(entry, view, doneByNode(entry.id)) : [],
  };
}

/** Every node that owns spans, by name. */
function progressByNode({ shown }: JobEntry, view: View, done: ReadonlyMap<NodeId, number>): readonly NodeProgress[] {
  const shape = treeShapeOf(shown.manifest);
  const placement = placementOf(shown.manifest, view);
  const progress = view.members.map(({ id, name }): NodeProgress => {
    const bytesTotal = placement.spansOwnedBy(id).reduce((sum, span) => sum + bytesOf(shape, span), 0);
    return { node: name, bytesDone: Math.min(bytesTotal, done.get(id) ?? 0), bytesTotal };
  });
  return progress
    .filter(({ bytesTotal }) => bytesTotal > 0)
    .sort((left, right) => (left.node < right.node ? -1 : left.node > right.node ? 1 : 0));
}

function holdersOf(manifest: Manifest, unread: readonly number[]): Pick<JobStatus, "holders" | "holdersTotal"> {
  const needed = new Set(manifest.files.map(holderOf));
  const silent = new Set(unread.flatMap((index) => manifest.files[index] ?? []).map(holderOf));
  const holdersTotal = manifest.lacking?.holders ?? needed.size;
  return { holders: holdersTotal - missingHolders(manifest) - silent.size, holdersTotal };
}
