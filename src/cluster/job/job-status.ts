/** A job's status as clients see it, put together from what this node knows. */

import { treeShapeOf } from "../../job/manifest.js";
import { isTerminal, type JobStatus } from "../../job/status.js";
import { bytesOf, rootOf, spansOf } from "../../job/tree.js";
import type { View } from "../member.js";
import { placementOf } from "../placement/placement.js";
import { copiesOf, type JobEntry } from "./job-entry.js";

export function statusOf(entry: JobEntry, view: View): JobStatus {
  const { manifest } = entry.shown;
  const shape = treeShapeOf(manifest);
  const spans = spansOf(shape, rootOf(shape));
  const bytesTotal = bytesOf(shape, rootOf(shape));
  const ended = isTerminal(entry.shown.state);
  const done = entry.shown.state === "COMPLETED";
  const bytesDone = done ? bytesTotal : Math.min(entry.doneBytes, bytesTotal);
  const placement = placementOf(manifest, view);
  const owners = new Set(spans.map((span) => placement.ownerOf(span)));
  const unreadable = done ? [] : placement.unreadableFiles();
  return {
    id: entry.id,
    state: entry.shown.state,
    sql: manifest.request.sql,
    coverage: ended ? entry.shown.coverage : bytesTotal === 0 ? 0 : bytesDone / bytesTotal,
    bytesDone,
    bytesTotal,
    chunksDone: done ? spans.length : Math.min(entry.doneSpans, spans.length),
    chunksTotal: spans.length,
    nodes: view.members.filter((member) => owners.has(member.id)).map((member) => member.name),
    copies: copiesOf(entry),
    missing: unreadable.map((index) => fileName(manifest.files[index])),
    unparsed: entry.shown.counters.unparsed,
    manifestDigest: entry.shown.manifestDigest,
    root: entry.root,
    error: entry.shown.failure?.message ?? null,
  };
}

/** A file as clients name it: `NAME:path`, or the path alone when it was named on the command line. */
export const fileName = (file: { readonly source: string; readonly path: string } | undefined): string =>
  file === undefined ? "" : file.source === "" ? file.path : `${file.source}:${file.path}`;
