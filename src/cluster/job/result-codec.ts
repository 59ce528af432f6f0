/**
 * The bytes of a result table inside a job record: JSON with i64 and timestamp values as decimal text and the three
 * non-finite doubles by name, so that every value comes back as it was.
 */

import type { AnswerTable, ResultColumn, ResultTable, ScanCounters, Value } from "../../job/result.js";

type Cell = string | number | boolean | null;

interface Encoded {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly Cell[])[];
  readonly counters: ScanCounters;
}

export function encodeResult(table: AnswerTable): Uint8Array {
  const encoded: Encoded = {
    columns: table.columns,
    rows: Array.from(table.rows, (row) => row.map(encodeValue)),
    counters: table.counters,
  };
  return new TextEncoder().encode(JSON.stringify(encoded));
}

/** The rows of an answer while their encoding stays within `mostBytes`; ends with undefined where it does not. */
function* rowsWithin(table: AnswerTable, mostBytes: number): Iterable<readonly Value[] | undefined> {
  let bytes = encodeResult({ ...table, rows: [] }).length;
  let separatorBytes = 0;
  for (const row of table.rows) {
    bytes += separatorBytes + Buffer.byteLength(JSON.stringify(row.map(encodeValue)));
    separatorBytes = 1;
    if (bytes > mostBytes) return yield undefined;
    yield row;
  }
}

/** Whether `encodeResult` would give more than `mostBytes`; keeps no row. */
export function exceedsEncoded(table: AnswerTable, mostBytes: number): boolean {
  for (const row of rowsWithin(table, mostBytes)) if (row === undefined) return true;
  return false;
}

/** All rows in memory; undefined if `encodeResult` would give more than `mostBytes`, of which no more are kept. */
export function inMemoryWithin(table: AnswerTable, mostBytes: number): ResultTable | undefined {
  const rows: (readonly Value[])[] = [];
  for (const row of rowsWithin(table, mostBytes)) {
    if (row === undefined) return undefined;
    rows.push(row);
  }
  return { ...table, rows };
}

export const tooLargeMessage = (mostBytes: number): string =>
  `the result has more than ${mostBytes} bytes, the cap; add LIMIT or raise --max-result`;

/** Takes bytes from a record whose checksum held: they are what `encodeResult` wrote. */
export function decodeResult(bytes: Uint8Array): ResultTable {
  const { columns, rows, counters } = JSON.parse(new TextDecoder().decode(bytes)) as Encoded;
  return {
    columns,
    rows: rows.map((row) => row.map((cell, index) => decodeValue(cell, columns[index]?.type ?? "string"))),
    counters,
  };
}

function encodeValue(value: Value): Cell {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (Object.is(value, -0)) return "-0";
  return value;
}

function decodeValue(cell: Cell, type: ResultColumn["type"]): Value {
  if (cell === null || type === "string" || type === "bool") return cell;
  return type === "f64" ? Number(cell) : BigInt(cell);
}
