/**
 * The shape of a job: ranges on an absolute grid within each file, and a tree of fan-in 16 over the files. It follows
 * from the manifest alone, never from the cluster.
 *
 * A range vertex of level j covers [index · 16^j MiB, (index + 1) · 16^j MiB) of its file. A file's top range is the first
 * level that covers it whole. A files vertex of level h ≥ 1 covers files [index · 16^h, (index + 1) · 16^h) of the sorted
 * list; below level 1 stand the files' top ranges.
 */

import { assert } from "../base/assert.js";

export const LEAF_BYTES = 1024 * 1024;
export const FAN_IN = 16;

export interface RangeVertex {
  readonly kind: "range";
  readonly file: number;
  readonly level: number;
  readonly index: number;
}

export interface FilesVertex {
  readonly kind: "files";
  readonly level: number;
  readonly index: number;
}

export type Vertex = RangeVertex | FilesVertex;

/** Which vertices are handed to nodes whole. Chosen at submit, so that each node gets several. */
export interface SpanLevel {
  readonly kind: "range" | "files";
  readonly level: number;
}

export interface TreeShape {
  readonly spanLevel: SpanLevel;
  /**
   * `group` names who can hold the file; a span never mixes groups. `isWhole`: it can only be read from its first byte to
   * its last, so that its top range is a span whatever the span level.
   */
  readonly files: readonly { readonly bytes: number; readonly group: string; readonly isWhole?: boolean }[];
}

/** Half-open byte range of a file. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Canonical name of a vertex within its job, such as `r0.1.3` (file 0, level 1, index 3) or `f1.0`. */
export function vertexName(vertex: Vertex): string {
  return vertex.kind === "range"
    ? `r${vertex.file}.${vertex.level}.${vertex.index}`
    : `f${vertex.level}.${vertex.index}`;
}

const VERTEX_NAME = /^(?:r(\d{1,9})\.(\d{1,2})\.(\d{1,9})|f(\d{1,2})\.(\d{1,9}))$/;

/** Inverse of {@link vertexName}; undefined for anything else. Whether the job has such a vertex is {@link hasVertex}. */
export function parseVertexName(name: string): Vertex | undefined {
  const match = VERTEX_NAME.exec(name);
  if (match === null) return undefined;
  const [, file, rangeLevel, rangeIndex, filesLevel, filesIndex] = match;
  if (file !== undefined) {
    return { kind: "range", file: Number(file), level: Number(rangeLevel), index: Number(rangeIndex) };
  }
  return { kind: "files", level: Number(filesLevel), index: Number(filesIndex) };
}

const gridBytes = (level: number): number => LEAF_BYTES * FAN_IN ** level;

/** The level of the smallest grid range that covers `bytes` from offset 0. */
export function topLevelOf(bytes: number): number {
  let level = 0;
  while (gridBytes(level) < bytes) level += 1;
  return level;
}

export function rangeOf(vertex: RangeVertex, fileBytes: number): ByteRange {
  const size = gridBytes(vertex.level);
  return { start: vertex.index * size, end: Math.min((vertex.index + 1) * size, fileBytes) };
}

const topRange = (shape: TreeShape, file: number): RangeVertex => {
  const entry = shape.files[file];
  assert(entry !== undefined, `the job has a file ${file}`);
  return { kind: "range", file, level: topLevelOf(entry.bytes), index: 0 };
};

/** The vertex whose partial is the answer. A job without files has an empty files vertex. */
export function rootOf(shape: TreeShape): Vertex {
  if (shape.files.length === 1) return topRange(shape, 0);
  let level = 1;
  while (FAN_IN ** level < shape.files.length) level += 1;
  return { kind: "files", level, index: 0 };
}

export function hasVertex(shape: TreeShape, vertex: Vertex): boolean {
  if (vertex.kind === "range") {
    const entry = shape.files[vertex.file];
    if (entry === undefined || vertex.level > topLevelOf(entry.bytes)) return false;
    return vertex.index === 0 || vertex.index * gridBytes(vertex.level) < entry.bytes;
  }
  const root = rootOf(shape);
  if (root.kind === "range" || vertex.level < 1 || vertex.level > root.level) return false;
  return vertex.index === 0 || vertex.index * FAN_IN ** vertex.level < shape.files.length;
}

/** The vertices whose partials merge into this one; none for a leaf and for an empty job. */
export function childrenOf(shape: TreeShape, vertex: Vertex): readonly Vertex[] {
  if (vertex.kind === "range") {
    if (vertex.level === 0) return [];
    const { start, end } = rangeOf(vertex, shape.files[vertex.file]?.bytes ?? 0);
    const count = Math.ceil((end - start) / gridBytes(vertex.level - 1));
    return Array.from({ length: count }, (_, child) => ({
      kind: "range",
      file: vertex.file,
      level: vertex.level - 1,
      index: vertex.index * FAN_IN + child,
    }));
  }
  const width = FAN_IN ** (vertex.level - 1);
  const first = vertex.index * FAN_IN;
  const count = Math.max(0, Math.min(FAN_IN, Math.ceil(shape.files.length / width) - first));
  return Array.from({ length: count }, (_, child) =>
    vertex.level === 1
      ? topRange(shape, first + child)
      : { kind: "files", level: vertex.level - 1, index: first + child },
  );
}

/** The files below a vertex, as a half-open interval of the manifest's list. */
export function filesOf(shape: TreeShape, vertex: Vertex): { readonly first: number; readonly end: number } {
  if (vertex.kind === "range") return { first: vertex.file, end: vertex.file + 1 };
  const width = FAN_IN ** vertex.level;
  return { first: vertex.index * width, end: Math.min((vertex.index + 1) * width, shape.files.length) };
}

/** Bytes below a vertex: the unit of coverage. */
export function bytesOf(shape: TreeShape, vertex: Vertex): number {
  if (vertex.kind === "range") {
    const { start, end } = rangeOf(vertex, shape.files[vertex.file]?.bytes ?? 0);
    return end - start;
  }
  const { first, end } = filesOf(shape, vertex);
  let bytes = 0;
  for (let file = first; file < end; file += 1) bytes += shape.files[file]?.bytes ?? 0;
  return bytes;
}

/**
 * Whether a vertex is computed by scanning. At the span level or below, a leaf, or a file that is only read whole; a files
 * vertex only when one group can hold everything below it. A job without files is one empty span.
 */
export function isSpan(shape: TreeShape, vertex: Vertex): boolean {
  if (vertex.kind === "range") {
    const isWhole = shape.files[vertex.file]?.isWhole === true;
    return isWhole || vertex.level === 0 || shape.spanLevel.kind === "files" || vertex.level <= shape.spanLevel.level;
  }
  if (shape.files.length === 0) return true;
  if (shape.spanLevel.kind === "range" || vertex.level > shape.spanLevel.level) return false;
  const { first, end } = filesOf(shape, vertex);
  const group = shape.files[first]?.group;
  return shape.files.slice(first, end).every((file) => file.group === group);
}

/** Whether a span can be computed from its children just as well: not a leaf, nor a file that is only read whole. */
export function isDivisible(shape: TreeShape, span: Vertex): boolean {
  return !(span.kind === "range" && shape.files[span.file]?.isWhole === true) && childrenOf(shape, span).length > 1;
}

/** Every span at or below a vertex, in manifest order. */
export function spansOf(shape: TreeShape, vertex: Vertex): readonly Vertex[] {
  if (isSpan(shape, vertex)) return [vertex];
  return childrenOf(shape, vertex).flatMap((child) => spansOf(shape, child));
}

/** The ranges that scanning a span reads: one for a range, one a file for a files vertex. */
export function scanRangesOf(shape: TreeShape, span: Vertex): readonly (ByteRange & { readonly file: number })[] {
  if (span.kind === "range") {
    return [{ file: span.file, ...rangeOf(span, shape.files[span.file]?.bytes ?? 0) }];
  }
  const { first, end } = filesOf(shape, span);
  return shape.files.slice(first, end).map((file, offset) => ({ file: first + offset, start: 0, end: file.bytes }));
}

/** Spans that each executing thread should get, so that a slow or lost one costs a fraction of the job. */
const SPANS_PER_THREAD = 4;
const MAX_SPAN_BYTES = 256 * 1024 * 1024;

/**
 * The span level for a job over `files` on `threads` threads of the whole cluster: the largest whose spans are small
 * enough that every thread gets several, and at most 256 MiB.
 */
export function chooseSpanLevel(fileBytes: readonly number[], threads: number): SpanLevel {
  const total = fileBytes.reduce((sum, bytes) => sum + bytes, 0);
  const target = Math.min(MAX_SPAN_BYTES, Math.max(LEAF_BYTES, total / (SPANS_PER_THREAD * threads)));
  const mean = fileBytes.length === 0 ? 0 : total / fileBytes.length;
  let filesLevel = 0;
  while (FAN_IN ** (filesLevel + 1) * mean <= target && FAN_IN ** filesLevel < fileBytes.length) filesLevel += 1;
  if (filesLevel > 0) return { kind: "files", level: filesLevel };
  let level = 0;
  while (gridBytes(level + 1) <= target) level += 1;
  return { kind: "range", level };
}

/** Embedded, the whole job is one span: its threads share the work by chunks, and no tree is built. */
export function wholeJobSpan(files: TreeShape["files"]): SpanLevel {
  const root = rootOf({ spanLevel: { kind: "range", level: 0 }, files });
  return { kind: root.kind, level: root.level };
}
