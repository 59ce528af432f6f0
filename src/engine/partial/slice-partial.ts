/**
 * Slices of sealed partials. Rows are ordered by hash, so that the rows of a part of all groups are neighbours: a slice is
 * a copy of them under a header of its own. Merged, the slices of a partial are the partial: the first one carries what was
 * counted, the others count nothing.
 */

import { digestOf } from "../../base/digest.js";
import { type HashPart, MAX_PART_BITS, type PartialSize } from "../../job/hash-part.js";
import { NO_COUNTERS } from "../../job/result.js";
import { ROW } from "../kernels/layout.js";
import type { MapPlan } from "../plan.js";
import { PartialError } from "./partial-error.js";
import { finishPartial, rewriteHeader, type SingleHeader, singleHeaderOf } from "./partial-format.js";
import { partialSchemaOf } from "./partial-schema.js";

/** For each of 2^10 parts: how many rows there are up to its end, and where in the partial it ends. */
interface SliceIndex {
  readonly header: SingleHeader;
  readonly rowEnds: Float64Array;
  readonly byteEnds: Float64Array;
}

const FINEST_PARTS = 2 ** MAX_PART_BITS;
const FINEST_SHIFT = 32 - MAX_PART_BITS;

/** The upper half of a row's hash, a little-endian u64. */
const HASH_HIGH = ROW.hash + 4;

/**
 * Whether partials of the plan can be cut by the hashes of their groups: they have groups, and no tables whose rows have
 * other hashes. Row queries have their LIMIT in every partial and need no cutting.
 */
export const isSliceable = (plan: MapPlan): boolean =>
  plan.keys.length > 0 && plan.rows === undefined && partialSchemaOf(plan).sides.length === 0;

/** The basis is a digest of the header and the checksum, which cover every byte. Throws a
 * {@link PartialError} for other than a partial of one table. */
export function partialSize(partial: Uint8Array): PartialSize {
  const header = singleHeaderOf(partial);
  const { rowCount: groups, rowsStart, trailerStart } = header;
  const basis = digestOf(partial.subarray(0, rowsStart), partial.subarray(trailerStart));
  return { bytes: partial.length, groups, basis };
}

/** Slices of partials that are cut again and again: where the parts end is found once. */
export class PartialSlicer {
  readonly #indexes = new WeakMap<Uint8Array, SliceIndex>();

  /** Throws a {@link PartialError} if the bytes are not a partial of one table in its order. */
  slice(partial: Uint8Array, { bits, prefix }: HashPart): Uint8Array {
    const index = this.#indexes.get(partial) ?? indexOf(partial);
    this.#indexes.set(partial, index);
    const { header, rowEnds, byteEnds } = index;
    const width = 2 ** (MAX_PART_BITS - bits);
    const from = prefix * width - 1;
    const end = from + width;
    const first = from < 0 ? header.rowsStart : (byteEnds[from] ?? 0);
    const rows = partial.subarray(first, byteEnds[end] ?? 0);
    const rowCount = (rowEnds[end] ?? 0) - (from < 0 ? 0 : (rowEnds[from] ?? 0));
    const slice = new Uint8Array(header.rowsStart + rows.length + partial.length - header.trailerStart);
    slice.set(partial.subarray(0, header.rowsStart));
    slice.set(rows, header.rowsStart);
    const size = { rowCount, rowsBytes: rows.length };
    rewriteHeader(slice, size, prefix === 0 ? undefined : { counters: NO_COUNTERS, coverageBytes: 0 });
    finishPartial(slice);
    return slice;
  }
}

function indexOf(partial: Uint8Array): SliceIndex {
  const header = singleHeaderOf(partial);
  const view = new DataView(partial.buffer, partial.byteOffset, partial.byteLength);
  const [rowEnds, byteEnds] = [new Float64Array(FINEST_PARTS), new Float64Array(FINEST_PARTS)];
  const fixedBytes = ROW.accumulators + header.accumulatorBytes;
  let row = header.rowsStart;
  let rows = 0;
  let part = 0;
  while (row + fixedBytes <= header.trailerStart) {
    const partOfRow = view.getUint32(row + HASH_HIGH, true) >>> FINEST_SHIFT;
    for (; part < partOfRow; part += 1) {
      rowEnds[part] = rows;
      byteEnds[part] = row;
    }
    if (partOfRow < part) break;
    const keyLength = view.getUint32(row + ROW.keyLength, true);
    row += fixedBytes + Math.ceil(keyLength / 8) * 8;
    rows += 1;
  }
  if (row !== header.trailerStart || rows !== header.rowCount) {
    throw new PartialError("malformed", `A partial of ${rows} rows in order says that it has ${header.rowCount}`);
  }
  rowEnds.fill(rows, part);
  byteEnds.fill(row, part);
  return { header, rowEnds, byteEnds };
}
