/** What one manifest says about its vertices: shape, keys, and, for the current view, whom to ask. */

import type { NodeId, VertexKey } from "../../base/ids.js";
import { type Manifest, treeShapeOf } from "../../job/manifest.js";
import { bytesOf, filesOf, isSpan, rootOf, type TreeShape, type Vertex, vertexName } from "../../job/tree.js";
import { VertexKeys } from "../../job/vertex-key.js";
import type { View } from "../member.js";
import { type Placement, placementOf } from "../placement/placement.js";

export class JobContext {
  readonly manifest: Manifest;
  readonly shape: TreeShape;
  readonly root: Vertex;
  readonly #keys: VertexKeys;

  constructor(manifest: Manifest) {
    this.manifest = manifest;
    this.shape = treeShapeOf(manifest);
    this.root = rootOf(this.shape);
    this.#keys = new VertexKeys(manifest);
  }

  keyOf(vertex: Vertex): VertexKey {
    return this.#keys.keyOf(vertex);
  }

  isSpan(vertex: Vertex): boolean {
    return isSpan(this.shape, vertex);
  }

  bytesOf(vertex: Vertex): number {
    return bytesOf(this.shape, vertex);
  }

  /** What a scan does to each byte: paces are compared where this is the same. A compressed byte takes many times longer. */
  workOf(vertex: Vertex): string {
    const { planDigest, files } = this.manifest;
    const file = files[filesOf(this.shape, vertex).first];
    return `${planDigest} ${file?.format} ${file?.compression}`;
  }

  placement(view: View): Placement {
    return placementOf(this.manifest, view);
  }

  /** Whom to ask, in order. The root above the spans is computed by whoever asks for it. */
  candidatesOf(vertex: Vertex, view: View): readonly NodeId[] {
    const isOwnRoot = vertexName(vertex) === vertexName(this.root) && !this.isSpan(vertex);
    return isOwnRoot ? [view.self] : this.placement(view).candidatesOf(vertex);
  }
}
