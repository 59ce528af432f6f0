/** Which vertices of a job may be named in a pull. */

import { type Manifest, treeShapeOf } from "../../job/manifest.js";
import { hasVertex, topLevelOf, type Vertex } from "../../job/tree.js";

/** Whether the job has such a vertex; a compressed file has no ranges but one. */
export function isAskable(manifest: Manifest, vertex: Vertex): boolean {
  if (!hasVertex(treeShapeOf(manifest), vertex)) return false;
  if (vertex.kind === "files") return true;
  const file = manifest.files[vertex.file];
  return file !== undefined && (file.compression === undefined || vertex.level >= topLevelOf(file.scanSize));
}
