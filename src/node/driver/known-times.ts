/**
 * What earlier scans have seen of ranges, kept in the store beside their vertices under keys that no plan is part of: a
 * later scan passes over the pieces that hold no row of its time limits, and counts their lines as it would have.
 *
 * It is taken for as true as the vertices are: a range is known by its digest, and one that may grow is not known at all.
 */

import type { VertexKey } from "../../base/ids.js";
import type { MapPlan } from "../../engine/plan.js";
import { fieldsReadBy, isOutside, timeLimitsOf } from "../../engine/plan-time.js";
import { type Manifest, treeShapeOf } from "../../job/manifest.js";
import { addCounters, NO_COUNTERS } from "../../job/result.js";
import { type RangeVertex, scanRangesOf, topLevelOf, type Vertex } from "../../job/tree.js";
import { VertexKeys } from "../../job/vertex-key.js";
import type { PassedOver, ScanRange, SeenPiece } from "../ports/map-pool.js";
import type { Store } from "../ports/store.js";
import { decodeKnownRange, encodeKnownRange, type KnownRange } from "./known-range.js";

/** What is left to read of some ranges, and what is known of the rest. */
export interface Remaining {
  readonly ranges: readonly ScanRange[];
  readonly passedOver: PassedOver | undefined;
}

export class KnownTimes {
  readonly #store: Pick<Store, "getVertex" | "putVertex">;
  readonly #keys = new WeakMap<Manifest, VertexKeys>();

  constructor(store: Pick<Store, "getVertex" | "putVertex">) {
    this.#store = store;
  }

  /** Takes from the ranges of a span, in the order of its files, what holds no row of the answer. */
  passOver(manifest: Manifest, map: MapPlan, span: Vertex, ranges: readonly ScanRange[]): Remaining {
    const limits = timeLimitsOf(map);
    if (limits === undefined) return { ranges, passedOver: undefined };
    const fields = fieldsReadBy(map);
    let passedOver: PassedOver | undefined;
    const contents = this.#contentsOf(manifest, span);
    const left = ranges.flatMap((range, index) => {
      const known = this.#knownOf(contents[index]);
      if (known === undefined || !answersFor(known, fields)) return [range];
      const rest: ScanRange[] = [];
      for (const piece of known.pieces) {
        if (isOutside(piece.times, limits)) passedOver = withPiece(passedOver, piece);
        else addPiece(rest, range, piece);
      }
      return rest;
    });
    return { ranges: left, passedOver };
  }

  /** Keeps what a scan of a span saw of those ranges that it saw whole. */
  learn(manifest: Manifest, map: MapPlan, span: Vertex, seen: readonly SeenPiece[]): void {
    const byFile = new Map<number, SeenPiece[]>();
    for (const piece of seen) byFile.set(piece.fileIndex, [...(byFile.get(piece.fileIndex) ?? []), piece]);
    const fields = fieldsReadBy(map);
    for (const { key, fileIndex, start, end } of this.#contentsOf(manifest, span)) {
      const pieces = (byFile.get(fileIndex) ?? []).sort((left, right) => left.start - right.start);
      if (key === undefined || !isTiledBy(start, end, pieces)) continue;
      const known = this.#read(key);
      if (known !== undefined && answersFor(known, fields)) continue;
      this.#store.putVertex(key, encodeKnownRange(joined(known, { fields, pieces })));
    }
  }

  #knownOf(content: Content | undefined): KnownRange | undefined {
    if (content?.key === undefined) return undefined;
    const known = this.#read(content.key);
    return known !== undefined && isTiledBy(content.start, content.end, known.pieces) ? known : undefined;
  }

  #read(key: VertexKey): KnownRange | undefined {
    const bytes = this.#store.getVertex(key);
    return bytes && decodeKnownRange(bytes);
  }

  /** The ranges of a span's files, and what names their bytes; without a name, nothing can be known of them. */
  #contentsOf(manifest: Manifest, span: Vertex): readonly Content[] {
    const keys = this.#keys.get(manifest) ?? new VertexKeys(manifest);
    this.#keys.set(manifest, keys);
    const shape = treeShapeOf(manifest);
    return scanRangesOf(shape, span).map(({ file, start, end }) => {
      const top: RangeVertex = { kind: "range", file, level: topLevelOf(shape.files[file]?.bytes ?? 0), index: 0 };
      return { key: keys.contentKeyOf(span.kind === "range" ? span : top), fileIndex: file, start, end };
    });
  }
}

interface Content {
  readonly key: VertexKey | undefined;
  readonly fileIndex: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Whether it is known how many malformed fields a plan counts that reads these: they were counted together, or among others
 * none of which was malformed.
 */
function answersFor(known: KnownRange, fields: readonly string[]): boolean {
  if (known.fields.length === fields.length && known.fields.every((name, at) => name === fields[at])) return true;
  return isFlawless(known) && fields.every((name) => known.fields.includes(name));
}

const isFlawless = ({ pieces }: KnownRange): boolean => pieces.every(({ malformedFields }) => malformedFields === 0);

/** Where no field was malformed, neither of those read before nor of these, none is when they are read together. */
function joined(known: KnownRange | undefined, seen: KnownRange): KnownRange {
  if (known === undefined || !isFlawless(known) || !isFlawless(seen)) return seen;
  return { ...seen, fields: [...new Set([...known.fields, ...seen.fields])].sort() };
}

/** Whether the pieces, in order, are the range without a gap. */
function isTiledBy(start: number, end: number, pieces: KnownRange["pieces"]): boolean {
  let at = start;
  for (const piece of pieces) {
    if (piece.start !== at) return false;
    at = piece.end;
  }
  return at === end && pieces.length > 0;
}

function withPiece(before: PassedOver | undefined, piece: KnownRange["pieces"][number]): PassedOver {
  const { lines, bytes, unparsed, malformedFields, coverageBytes } = piece;
  return {
    counters: addCounters(before?.counters ?? NO_COUNTERS, { lines, bytes, unparsed, malformedFields }),
    coverageBytes: (before?.coverageBytes ?? 0) + coverageBytes,
  };
}

/** Appends a piece of a range to what is to be read of it, as one with its neighbour. */
function addPiece(rest: ScanRange[], range: ScanRange, { start, end }: KnownRange["pieces"][number]): void {
  const last = rest.at(-1);
  if (last?.end === start) rest[rest.length - 1] = { ...last, end };
  else rest.push({ ...range, start, end });
}
