/**
 * A result as bytes: JSON text `{"columns":[{"name","type"}…],"rows":[[…]…],"counters":{…}}` in that order and without
 * spaces, so that equal tables have equal bytes. Integers are JSON numbers with all their digits; a timestamp is one too,
 * of microseconds since 1970 UTC; a double that JSON has no number for is text (`"NaN"`, `"Infinity"`).
 */

import type { ResultColumn, ResultTable, ScanCounters, Value } from "../../job/result.js";

export function encodeResult(table: ResultTable): Uint8Array {
  const columns = table.columns.map(({ name, type }) => JSON.stringify({ name, type })).join(",");
  const rows = table.rows.map((row) => `[${row.map(encodeValue).join(",")}]`).join(",");
  const { lines, bytes, unparsed, malformedFields } = table.counters;
  const counters = JSON.stringify({ lines, bytes, unparsed, malformedFields });
  return new TextEncoder().encode(`{"columns":[${columns}],"rows":[${rows}],"counters":${counters}}`);
}

function encodeValue(value: Value): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "number") return JSON.stringify(value);
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? "-0" : String(value);
}

type EncodedCell = string | boolean | null;

interface EncodedTable {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly EncodedCell[])[];
  readonly counters: Readonly<Record<keyof ScanCounters, string>>;
}

/** Texts are skipped over, numbers caught: a number outside of a text is put in quotes, to keep its digits. */
const TEXT_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** Inverse of {@link encodeResult}. Throws a SyntaxError for what is not JSON. */
export function decodeResult(bytes: Uint8Array): ResultTable {
  const text = new TextDecoder().decode(bytes);
  const quoted = text.replace(TEXT_OR_NUMBER, (token) => (token.startsWith('"') ? token : `"${token}"`));
  const { columns, rows, counters } = JSON.parse(quoted) as EncodedTable;
  return {
    columns,
    rows: rows.map((row) => row.map((cell, index) => decodeValue(cell, columns[index]?.type))),
    counters: {
      lines: Number(counters.lines),
      bytes: Number(counters.bytes),
      unparsed: Number(counters.unparsed),
      malformedFields: Number(counters.malformedFields),
    },
  };
}

function decodeValue(cell: EncodedCell, type: ResultColumn["type"] | undefined): Value {
  if (typeof cell !== "string") return cell;
  if (type === "i64" || type === "timestamp") return BigInt(cell);
  return type === "f64" ? Number(cell) : cell;
}
