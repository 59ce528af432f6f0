/**
 * The partial format, version 0: header, rows of the group table in canonical order, checksum. docs/partial-format.md has
 * it byte by byte. Nothing of a partial is trusted before {@link openPartial} has checked it.
 */

import { crc32 } from "node:zlib";
import type { Digest } from "../../base/ids.js";
import type { ScanCounters } from "../../job/result.js";
import { PartialError } from "./partial-error.js";
import type { RowSchema } from "./row-schema.js";

const PARTIAL_VERSION = 0;
export const PARTIAL_HEADER_BYTES = 88;
const TRAILER_BYTES = 8;
/** `LGMP` in memory order. */
const MAGIC = 0x504d474c;

const HEADER = {
  magic: 0,
  version: 4,
  planDigest: 8,
  lines: 24,
  bytes: 32,
  unparsed: 40,
  malformedFields: 48,
  coverageBytes: 56,
  rowCount: 64,
  accumulatorBytes: 68,
  fixedKeys: 72,
  stringKeys: 76,
  rowsBytes: 80,
} as const;

/** What a partial says of itself, besides its rows. */
export interface PartialContents {
  readonly counters: ScanCounters;
  /** Bytes of input that it stands for. */
  readonly coverageBytes: number;
  readonly rowCount: number;
}

export interface OpenedPartial extends PartialContents {
  /** The rows, in canonical order. Their inner lengths are not checked yet. */
  readonly rows: Uint8Array;
}

/** A partial of the right size, without its rows and checksum, and the place for the rows. */
export function beginPartial(
  planDigest: Digest,
  schema: RowSchema,
  contents: PartialContents,
  rowsBytes: number,
): { readonly partial: Uint8Array; readonly rows: Uint8Array } {
  const partial = new Uint8Array(PARTIAL_HEADER_BYTES + rowsBytes + TRAILER_BYTES);
  const view = viewOf(partial);
  view.setUint32(HEADER.magic, MAGIC, true);
  view.setUint32(HEADER.version, PARTIAL_VERSION, true);
  partial.set(Buffer.from(planDigest, "hex"), HEADER.planDigest);
  setCount(view, HEADER.lines, contents.counters.lines);
  setCount(view, HEADER.bytes, contents.counters.bytes);
  setCount(view, HEADER.unparsed, contents.counters.unparsed);
  setCount(view, HEADER.malformedFields, contents.counters.malformedFields);
  setCount(view, HEADER.coverageBytes, contents.coverageBytes);
  view.setUint32(HEADER.rowCount, contents.rowCount, true);
  view.setUint32(HEADER.accumulatorBytes, schema.accumulatorBytes, true);
  view.setUint32(HEADER.fixedKeys, schema.fixedKeys, true);
  view.setUint32(HEADER.stringKeys, schema.stringKeys, true);
  setCount(view, HEADER.rowsBytes, rowsBytes);
  return { partial, rows: partial.subarray(PARTIAL_HEADER_BYTES, PARTIAL_HEADER_BYTES + rowsBytes) };
}

/** Writes the checksum, once everything else is in place. */
export function finishPartial(partial: Uint8Array): void {
  const end = partial.length - TRAILER_BYTES;
  viewOf(partial).setUint32(end, crc32(partial.subarray(0, end)), true);
}

/** Checks that the bytes are a whole partial of the plan; throws a {@link PartialError} otherwise. */
export function openPartial(partial: Uint8Array, planDigest: Digest, schema: RowSchema): OpenedPartial {
  if (partial.length < PARTIAL_HEADER_BYTES + TRAILER_BYTES) {
    throw new PartialError("malformed", `A partial of ${partial.length} bytes is too short; pull it again`);
  }
  const view = viewOf(partial);
  if (view.getUint32(HEADER.magic, true) !== MAGIC) {
    throw new PartialError("malformed", "The bytes are not a partial aggregate; pull it again");
  }
  const version = view.getUint32(HEADER.version, true);
  if (version !== PARTIAL_VERSION) {
    throw new PartialError(
      "version",
      `The partial has format version ${version}, this is ${PARTIAL_VERSION}; run one version of logmr on all nodes`,
    );
  }
  const end = partial.length - TRAILER_BYTES;
  if (view.getUint32(end, true) !== crc32(partial.subarray(0, end)) || view.getUint32(end + 4, true) !== 0) {
    throw new PartialError("checksum", `The checksum of a partial of ${partial.length} bytes is wrong; pull it again`);
  }
  checkPlan(partial, view, planDigest, schema);
  if (PARTIAL_HEADER_BYTES + getCount(view, HEADER.rowsBytes) !== end) {
    throw new PartialError("malformed", "The length of a partial is not what its header says; pull it again");
  }
  return {
    counters: {
      lines: getCount(view, HEADER.lines),
      bytes: getCount(view, HEADER.bytes),
      unparsed: getCount(view, HEADER.unparsed),
      malformedFields: getCount(view, HEADER.malformedFields),
    },
    coverageBytes: getCount(view, HEADER.coverageBytes),
    rowCount: view.getUint32(HEADER.rowCount, true),
    rows: partial.subarray(PARTIAL_HEADER_BYTES, end),
  };
}

function checkPlan(partial: Uint8Array, view: DataView, planDigest: Digest, schema: RowSchema): void {
  const digest = Buffer.from(partial.subarray(HEADER.planDigest, HEADER.lines)).toString("hex");
  const isOfPlan =
    digest === planDigest &&
    view.getUint32(HEADER.accumulatorBytes, true) === schema.accumulatorBytes &&
    view.getUint32(HEADER.fixedKeys, true) === schema.fixedKeys &&
    view.getUint32(HEADER.stringKeys, true) === schema.stringKeys;
  if (!isOfPlan) {
    throw new PartialError("other-plan", `The partial is of plan ${digest}, not of ${planDigest}; pull it again`);
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function setCount(view: DataView, at: number, count: number): void {
  view.setBigUint64(at, BigInt(count), true);
}

function getCount(view: DataView, at: number): number {
  const count = view.getBigUint64(at, true);
  if (count > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new PartialError("malformed", `A partial counts ${count}, which cannot be; pull it again`);
  }
  return Number(count);
}
