import type { GetResultResponse, ResultRow } from "../../../generated/logmr/v1/jobs.js";
import type { AnswerTable, Value } from "../../../job/result.js";
import type { JobStatus } from "../../../job/status.js";
import { columnTypeToWire, countersToWire, statusToWire, valueToWire } from "./wire-jobs.js";

/** A page is closed when its rows reach this; with one row more it stays under the message cap for rows up to 3 MiB. */
const PAGE_BYTES = 256 * 1024;

/** A table as the messages of `GetResult`: the header, then pages. */
export function* resultMessagesOf(status: JobStatus, table: AnswerTable): Generator<GetResultResponse, void> {
  const columns = table.columns.map(({ name, type }) => ({ name, type: columnTypeToWire(type) }));
  const counters = countersToWire(table.counters);
  const header = { status: statusToWire(status), columns, counters, rowCount: BigInt(table.rows.length) };
  yield { part: { $case: "header", value: header } };
  let rows: ResultRow[] = [];
  let pageBytes = 0;
  for (const row of table.rows) {
    rows.push({ values: row.map((value, column) => valueToWire(value, table.columns[column]?.type ?? "string")) });
    pageBytes += estimateBytes(row);
    if (pageBytes < PAGE_BYTES) continue;
    yield { part: { $case: "page", value: { rows } } };
    rows = [];
    pageBytes = 0;
  }
  if (rows.length > 0) yield { part: { $case: "page", value: { rows } } };
}

/** Upper bound for short values, close for long ones: a character takes at most three bytes of UTF-8. */
function estimateBytes(row: readonly Value[]): number {
  return row.reduce<number>((sum, value) => sum + (typeof value === "string" ? value.length * 3 : 16), 8);
}
