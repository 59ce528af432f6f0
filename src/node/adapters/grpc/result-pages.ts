/** A table as the messages of `GetResult`, each well under gRPC's cap: a row that is too large for one is cut. */

import type { GetResultResponse, ResultRow, ResultValue } from "../../../generated/logmr/v1/jobs.js";
import type { AnswerTable, Value } from "../../../job/result.js";
import type { JobStatus } from "../../../job/status.js";
import { columnTypeToWire, countersToWire, statusToWire, valueToWire } from "./wire-jobs.js";

/** A page is closed when its rows reach this. */
const PAGE_BYTES = 256 * 1024;

/** A row that may take more is sent in parts. */
const MAX_ROW_BYTES = 1024 * 1024;

/** Characters of text in a part, which are at most three times as many bytes. */
const PART_CHARACTERS = 256 * 1024;

/** The header, then pages, and the rests of large rows. */
export function* resultMessagesOf(status: JobStatus, table: AnswerTable): Generator<GetResultResponse, void> {
  const columns = table.columns.map(({ name, type }) => ({ name, type: columnTypeToWire(type) }));
  const counters = countersToWire(table.counters);
  const header = { status: statusToWire(status), columns, counters, rowCount: BigInt(table.rows.length) };
  yield { part: { $case: "header", value: header } };
  let rows: ResultRow[] = [];
  let pageBytes = 0;
  for (const row of table.rows) {
    const rowBytes = estimateBytes(row);
    pageBytes += rowBytes;
    if (rowBytes <= MAX_ROW_BYTES) rows.push({ values: row.map((value, column) => toWire(table, value, column)) });
    if (pageBytes < PAGE_BYTES) continue;
    if (rows.length > 0) yield pageOf(rows);
    if (rowBytes > MAX_ROW_BYTES) yield* largeRow(table, row);
    rows = [];
    pageBytes = 0;
  }
  if (rows.length > 0) yield pageOf(rows);
}

const pageOf = (rows: ResultRow[]): GetResultResponse => ({ part: { $case: "page", value: { rows } } });

const toWire = (table: AnswerTable, value: Value, column: number): ResultValue =>
  valueToWire(value, table.columns[column]?.type ?? "string");

/** Upper bound for short values, close for long ones: a character takes at most three bytes of UTF-8. */
function estimateBytes(row: readonly Value[]): number {
  return row.reduce<number>((sum, value) => sum + (typeof value === "string" ? value.length * 3 : 16), 8);
}

function* largeRow(table: AnswerTable, row: readonly Value[]): Generator<GetResultResponse, void> {
  let isFirst = true;
  for (const { text, values } of partsOf(table, row)) {
    yield isFirst ? pageOf([{ values }]) : { part: { $case: "rest", value: { text, values } } };
    isFirst = false;
  }
}

interface RowPart {
  /** Continues the last value of the part before. */
  readonly text: string;
  readonly values: ResultValue[];
}

function* partsOf(table: AnswerTable, row: readonly Value[]): Generator<RowPart, void> {
  let part: { text: string; values: ResultValue[] } = { text: "", values: [] };
  let room = PART_CHARACTERS;
  for (const [column, value] of row.entries()) {
    const first = typeof value === "string" ? beginningOf(value, room) : value;
    part.values.push(toWire(table, first, column));
    room -= typeof first === "string" ? first.length : 1;
    for (let rest = restOf(value, first); rest !== "" || room <= 0; ) {
      yield part;
      const text = beginningOf(rest, PART_CHARACTERS);
      part = { text, values: [] };
      room = PART_CHARACTERS - text.length;
      rest = rest.slice(text.length);
    }
  }
  yield part;
}

const restOf = (value: Value, first: Value): string =>
  typeof value === "string" && typeof first === "string" ? value.slice(first.length) : "";

/** At most so many characters, and no half of a surrogate pair. */
function beginningOf(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const isSplit = /[\uD800-\uDBFF]/.test(text.charAt(characters - 1));
  return text.slice(0, isSplit ? characters - 1 : characters);
}
