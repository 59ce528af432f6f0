/** How far a vertex has come, as the node that fetches it sees it: from the tasks here and the attempts elsewhere. */

import type { VertexKey } from "../../base/ids.js";
import { spansOf } from "../../job/tree.js";
import type { VertexFetch } from "./vertex-fetch.js";
import type { VertexTask } from "./vertex-task.js";

type Tasks = ReadonlyMap<VertexKey, VertexTask>;

export const doneBytesOf = (fetch: VertexFetch, tasks: Tasks): number =>
  Math.max(fetch.doneBytes, tasks.get(fetch.key)?.doneBytes ?? 0);

export function doneSpansOf(fetch: VertexFetch, tasks: Tasks): number {
  if (fetch.isDone) return spansOf(fetch.context.shape, fetch.vertex).length;
  const children = tasks.get(fetch.key)?.children ?? [];
  return children.reduce((sum, child) => sum + doneSpansOf(child, tasks), 0);
}

/** Bytes of the spans that wait for a slot. */
export function queuedBytesOf(tasks: Tasks): number {
  let bytes = 0;
  for (const task of tasks.values()) if (task.state === "queued") bytes += task.bytes;
  return bytes;
}
