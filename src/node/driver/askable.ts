/** Which vertices of a job may be named in a pull. */

import { type Manifest, treeShapeOf } from "../../job/manifest.js";
import { hasVertex, type Vertex } from "../../job/tree.js";
import { spanRangeLevelOf } from "../../job/vertex-key.js";

/** Whether the job has such a vertex, at or above its spans: what lies below has no key. */
export function isAskable(manifest: Manifest, vertex: Vertex): boolean {
  if (!hasVertex(treeShapeOf(manifest), vertex)) return false;
  if (vertex.kind === "files") return true;
  const file = manifest.files[vertex.file];
  return file !== undefined && vertex.level >= spanRangeLevelOf(manifest.spanLevel, file);
}
