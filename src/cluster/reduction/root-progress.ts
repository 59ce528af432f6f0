/** How far a vertex has come, as the node that fetches it sees it: from the tasks here and the attempts elsewhere. */

import type { NodeId, VertexKey } from "../../base/ids.js";
import { bytesOf, spansOf } from "../../job/tree.js";
import type { Placement } from "../placement/placement.js";
import type { VertexFetch } from "./vertex-fetch.js";
import type { VertexTask } from "./vertex-task.js";

type Tasks = ReadonlyMap<VertexKey, VertexTask>;

export const doneBytesOf = (fetch: VertexFetch, tasks: Tasks): number =>
  Math.max(fetch.doneBytes, tasks.get(fetch.key)?.doneBytes ?? 0);

export function doneSpansOf(fetch: VertexFetch, tasks: Tasks): number {
  if (fetch.isDone) return spansOf(fetch.context.shape, fetch.vertex).length;
  if (fetch.isSpan) return 0;
  const children = tasks.get(fetch.key)?.children ?? [];
  return children.reduce((sum, child) => sum + doneSpansOf(child, tasks), 0);
}

/**
 * The bytes done of the spans that each node owns. Of a vertex that another node merges only a sum is known: its spans
 * count as equally far.
 */
export function doneByNode(root: VertexFetch, tasks: Tasks, placement: Placement): ReadonlyMap<NodeId, number> {
  const done = new Map<NodeId, number>();
  const add = (fetch: VertexFetch): void => {
    const children = tasks.get(fetch.key)?.children ?? [];
    if (!fetch.isDone && !fetch.isSpan && children.length > 0) {
      for (const child of children) add(child);
      return;
    }
    const { shape } = fetch.context;
    const bytes = doneBytesOf(fetch, tasks);
    const share = bytes === 0 ? 0 : bytes / fetch.context.bytesOf(fetch.vertex);
    if (share === 0) return;
    for (const span of spansOf(shape, fetch.vertex)) {
      const owner = placement.ownerOf(span);
      if (owner !== undefined) done.set(owner, (done.get(owner) ?? 0) + bytesOf(shape, span) * share);
    }
  };
  add(root);
  return done;
}

/** Bytes of the spans that wait for a slot. */
export function queuedBytesOf(tasks: Tasks): number {
  let bytes = 0;
  for (const task of tasks.values()) if (task.state === "queued") bytes += task.bytes;
  return bytes;
}
