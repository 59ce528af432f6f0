/**
 * The partial format, version 1: header, rows of its tables in canonical order, checksum. docs/partial-format.md has
 * it byte by byte. Nothing of a partial is trusted before {@link openPartial} has checked it.
 */

import { crc32 } from "node:zlib";
import type { Digest } from "../../base/ids.js";
import type { ScanCounters } from "../../job/result.js";
import { PartialError } from "./partial-error.js";
import type { RowSchema } from "./row-schema.js";

const PARTIAL_VERSION = 1;
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
  tables: 64,
} as const;

/** What the header says of each table, one after the other. */
const TABLE = { rowCount: 0, accumulatorBytes: 4, fixedKeys: 8, stringKeys: 12, rowsBytes: 16, sizeBytes: 24 } as const;

export const partialHeaderBytes = (tableCount: number): number => HEADER.tables + tableCount * TABLE.sizeBytes;

/** What a partial says of itself, besides its rows. */
export interface PartialContents {
  readonly counters: ScanCounters;
  /** Bytes of input that it stands for. */
  readonly coverageBytes: number;
}

/** The rows of a table, in canonical order. */
export interface OpenedRows {
  readonly rowCount: number;
  /** Their inner lengths are not checked yet. */
  readonly rows: Uint8Array;
}

export interface OpenedPartial extends PartialContents {
  readonly tables: readonly OpenedRows[];
}

export interface TableSize {
  readonly schema: RowSchema;
  readonly rowCount: number;
  readonly rowsBytes: number;
}

/** A partial of the right size, without its rows and checksum, and the places for the rows of each table. */
export function beginPartial(
  planDigest: Digest,
  contents: PartialContents,
  tables: readonly TableSize[],
): { readonly partial: Uint8Array; readonly rows: readonly Uint8Array[] } {
  const partial = new Uint8Array(partialBytes(tables));
  let end = writeHeader(partial, planDigest, contents, tables);
  const rows = tables.map(({ rowsBytes }) => {
    end += rowsBytes;
    return partial.subarray(end - rowsBytes, end);
  });
  return { partial, rows };
}

/** Size of a partial with such tables. */
export const partialBytes = (tables: readonly Pick<TableSize, "rowsBytes">[]): number =>
  tables.reduce((sum, { rowsBytes }) => sum + rowsBytes, partialHeaderBytes(tables.length) + TRAILER_BYTES);

/** Writes everything in front of the rows; returns where these begin. */
export function writeHeader(
  partial: Uint8Array,
  planDigest: Digest,
  contents: PartialContents,
  tables: readonly TableSize[],
): number {
  const view = viewOf(partial);
  view.setUint32(HEADER.magic, MAGIC, true);
  view.setUint32(HEADER.version, PARTIAL_VERSION, true);
  partial.set(Buffer.from(planDigest, "hex"), HEADER.planDigest);
  setContents(view, contents);
  for (const [index, { schema, rowCount, rowsBytes }] of tables.entries()) {
    const at = partialHeaderBytes(index);
    view.setUint32(at + TABLE.rowCount, rowCount, true);
    view.setUint32(at + TABLE.accumulatorBytes, schema.accumulatorBytes, true);
    view.setUint32(at + TABLE.fixedKeys, schema.fixedKeys, true);
    view.setUint32(at + TABLE.stringKeys, schema.stringKeys, true);
    setCount(view, at + TABLE.rowsBytes, rowsBytes);
  }
  return partialHeaderBytes(tables.length);
}

function setContents(view: DataView, { counters, coverageBytes }: PartialContents): void {
  setCount(view, HEADER.lines, counters.lines);
  setCount(view, HEADER.bytes, counters.bytes);
  setCount(view, HEADER.unparsed, counters.unparsed);
  setCount(view, HEADER.malformedFields, counters.malformedFields);
  setCount(view, HEADER.coverageBytes, coverageBytes);
}

/** Writes the checksum, once everything else is in place. */
export function finishPartial(partial: Uint8Array): void {
  const end = partial.length - TRAILER_BYTES;
  viewOf(partial).setUint32(end, crc32(partial.subarray(0, end)), true);
}

/** What the header of a partial of one table says, and where its rows and its trailer begin. */
export interface SingleHeader {
  readonly rowCount: number;
  readonly accumulatorBytes: number;
  readonly rowsStart: number;
  readonly trailerStart: number;
}

/** Reads a partial of one table that this process sealed, or whose checksum held. Throws a {@link PartialError}. */
export function singleHeaderOf(partial: Uint8Array): SingleHeader {
  const [rowsStart, trailerStart] = [partialHeaderBytes(1), partial.length - TRAILER_BYTES];
  const view = viewOf(partial);
  const isPartial = trailerStart >= rowsStart && view.getUint32(HEADER.magic, true) === MAGIC;
  const at = partialHeaderBytes(0);
  if (!isPartial || rowsStart + getCount(view, at + TABLE.rowsBytes) !== trailerStart) {
    throw new PartialError("malformed", `${partial.length} bytes are not a partial of one table; pull it again`);
  }
  const rowCount = view.getUint32(at + TABLE.rowCount, true);
  return { rowCount, accumulatorBytes: view.getUint32(at + TABLE.accumulatorBytes, true), rowsStart, trailerStart };
}

/** Gives a copy of a header of one table other rows, and other contents where there are any. */
export function rewriteHeader(
  partial: Uint8Array,
  { rowCount, rowsBytes }: Pick<TableSize, "rowCount" | "rowsBytes">,
  contents: PartialContents | undefined,
): void {
  const view = viewOf(partial);
  if (contents !== undefined) setContents(view, contents);
  const at = partialHeaderBytes(0);
  view.setUint32(at + TABLE.rowCount, rowCount, true);
  setCount(view, at + TABLE.rowsBytes, rowsBytes);
}

/** Checks that the bytes are a whole partial of the plan; throws a {@link PartialError} otherwise. */
export function openPartial(partial: Uint8Array, planDigest: Digest, schemas: readonly RowSchema[]): OpenedPartial {
  if (partial.length < HEADER.tables + TRAILER_BYTES) {
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
  const digest = Buffer.from(partial.subarray(HEADER.planDigest, HEADER.lines)).toString("hex");
  if (digest !== planDigest || partialHeaderBytes(schemas.length) > end) throw otherPlan(digest, planDigest);
  const tables = openTables(partial, view, schemas);
  if (tables === undefined) throw otherPlan(digest, planDigest);
  return {
    counters: {
      lines: getCount(view, HEADER.lines),
      bytes: getCount(view, HEADER.bytes),
      unparsed: getCount(view, HEADER.unparsed),
      malformedFields: getCount(view, HEADER.malformedFields),
    },
    coverageBytes: getCount(view, HEADER.coverageBytes),
    tables,
  };
}

/** The rows of each table; undefined if the tables have not the shape of the plan's. */
function openTables(
  partial: Uint8Array,
  view: DataView,
  schemas: readonly RowSchema[],
): readonly OpenedRows[] | undefined {
  const end = partial.length - TRAILER_BYTES;
  let start = partialHeaderBytes(schemas.length);
  const tables: OpenedRows[] = [];
  for (const [index, schema] of schemas.entries()) {
    const at = partialHeaderBytes(index);
    const isOfPlan =
      view.getUint32(at + TABLE.accumulatorBytes, true) === schema.accumulatorBytes &&
      view.getUint32(at + TABLE.fixedKeys, true) === schema.fixedKeys &&
      view.getUint32(at + TABLE.stringKeys, true) === schema.stringKeys;
    if (!isOfPlan) return undefined;
    const next = start + getCount(view, at + TABLE.rowsBytes);
    if (next > end) break;
    tables.push({ rowCount: view.getUint32(at + TABLE.rowCount, true), rows: partial.subarray(start, next) });
    start = next;
  }
  if (tables.length < schemas.length || start !== end) {
    throw new PartialError("malformed", "The length of a partial is not what its header says; pull it again");
  }
  return tables;
}

const otherPlan = (digest: string, planDigest: Digest): PartialError =>
  new PartialError("other-plan", `The partial is of plan ${digest}, not of ${planDigest}; pull it again`);

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
