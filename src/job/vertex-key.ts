/**
 * Content keys of vertices: equal keys mean equal partials, on any node, for any later job.
 *
 * A range is fingerprinted by sampled pages: the first page of each leaf (1 MiB), folded upwards sixteen at a time, so
 * that the digest of a range does not depend on the span level of the job that asked. A range that ends before its file's
 * last newline is sealed: growth does not change it. Any other is keyed under the file's exact size and mtime.
 */

import { assert } from "../base/assert.js";
import { canonicalJson } from "../base/canonical-json.js";
import { digestOf } from "../base/digest.js";
import type { Digest, VertexKey } from "../base/ids.js";
import { type Manifest, type ManifestFile, treeShapeOf } from "./manifest.js";
import {
  type ByteRange,
  childrenOf,
  FAN_IN,
  LEAF_BYTES,
  type RangeVertex,
  rangeOf,
  type SpanLevel,
  type TreeShape,
  topLevelOf,
  type Vertex,
  vertexName,
} from "./tree.js";

export const SAMPLE_PAGE_BYTES = 4096;

/** Where the sampled page of each leaf of a file lies, in order. A file without bytes has no page. */
export function samplePagesOf(fileBytes: number): readonly ByteRange[] {
  return Array.from({ length: Math.ceil(fileBytes / LEAF_BYTES) }, (_, leaf) => ({
    start: leaf * LEAF_BYTES,
    end: Math.min(leaf * LEAF_BYTES + SAMPLE_PAGE_BYTES, fileBytes),
  }));
}

/** Folds the digests of adjacent ranges of one level into those of ranges `levels` higher. */
export function foldDigests(digests: readonly Digest[], levels: number): readonly Digest[] {
  let folded = digests;
  for (let level = 0; level < levels; level += 1) {
    const parents: Digest[] = [];
    for (let first = 0; first < folded.length; first += FAN_IN) {
      parents.push(digestOf(...folded.slice(first, first + FAN_IN)));
    }
    folded = parents;
  }
  return folded;
}

/** The level of a file's span ranges: the manifest carries one digest for each of them. */
export function spanRangeLevel(spanLevel: SpanLevel, fileBytes: number): number {
  const top = topLevelOf(fileBytes);
  return spanLevel.kind === "files" ? top : Math.min(spanLevel.level, top);
}

/** The same of a file of a manifest, or one that is described for it: one that is compressed is one range. */
export function spanRangeLevelOf(spanLevel: SpanLevel, file: Pick<ManifestFile, "scanSize" | "compression">): number {
  return file.compression === undefined ? spanRangeLevel(spanLevel, file.scanSize) : topLevelOf(file.scanSize);
}

/** `ManifestFile.spanDigests` from the sampled pages of a file, in the order of {@link samplePagesOf}. */
export function spanDigestsOf(
  pages: readonly Uint8Array[],
  spanLevel: SpanLevel,
  fileBytes: number,
): readonly Digest[] {
  return foldDigests(
    pages.map((page) => digestOf(page)),
    spanRangeLevel(spanLevel, fileBytes),
  );
}

const isSealed = (file: ManifestFile, range: ByteRange): boolean => range.end < file.sealedSize;

/** Computes the keys of one manifest's vertices, each once. */
export class VertexKeys {
  readonly #manifest: Manifest;
  readonly #shape: TreeShape;
  readonly #keys = new Map<string, VertexKey>();

  constructor(manifest: Manifest) {
    this.#manifest = manifest;
    this.#shape = treeShapeOf(manifest);
  }

  keyOf(vertex: Vertex): VertexKey {
    const name = vertexName(vertex);
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const key = vertex.kind === "range" ? this.#rangeKey(vertex) : this.#filesKey(vertex);
    this.#keys.set(name, key);
    return key;
  }

  /**
   * Names the bytes of a range and how they are read, whatever is asked of them; undefined where they may still grow.
   */
  contentKeyOf(vertex: RangeVertex): VertexKey | undefined {
    const file = this.#fileOf(vertex);
    const isGrowing = file.compression === undefined && !isSealed(file, rangeOf(vertex, file.scanSize));
    return isGrowing
      ? undefined
      : (digestOf("logmr content\0", canonicalJson(this.#contentOf(vertex))) as string as VertexKey);
  }

  #rangeKey(vertex: RangeVertex): VertexKey {
    const identity = { ...this.#contentOf(vertex), plan: this.#manifest.planDigest };
    return digestOf(canonicalJson(identity)) as string as VertexKey;
  }

  #fileOf(vertex: RangeVertex): ManifestFile {
    const file = this.#manifest.files[vertex.file];
    assert(file !== undefined, `the manifest has a file ${vertex.file}`);
    return file;
  }

  #contentOf(vertex: RangeVertex): Readonly<Record<string, unknown>> {
    const file = this.#fileOf(vertex);
    const range = rangeOf(vertex, file.scanSize);
    return {
      source: file.source,
      path: file.path,
      node: file.node,
      format: file.format,
      range: [range.start, range.end],
      content: this.#rangeDigest(file, vertex),
      version: isSealed(file, range) ? undefined : [file.size, file.mtimeMs],
      semantics: this.#manifest.semanticsVersion,
    };
  }

  /** Of what lies below a span it is the span's: that names these bytes too, and more. */
  #rangeDigest(file: ManifestFile, vertex: RangeVertex): Digest | undefined {
    const spanLevel = spanRangeLevelOf(this.#manifest.spanLevel, file);
    if (vertex.level < spanLevel)
      return file.spanDigests[Math.floor(vertex.index / FAN_IN ** (spanLevel - vertex.level))];
    const width = FAN_IN ** (vertex.level - spanLevel);
    const below = file.spanDigests.slice(vertex.index * width, (vertex.index + 1) * width);
    return foldDigests(below, vertex.level - spanLevel)[0];
  }

  #filesKey(vertex: Vertex): VertexKey {
    const children = childrenOf(this.#shape, vertex).map((child) => this.keyOf(child));
    const identity = { children, plan: this.#manifest.planDigest, semantics: this.#manifest.semanticsVersion };
    return digestOf(canonicalJson(identity)) as string as VertexKey;
  }
}
