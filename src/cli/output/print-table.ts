/** Result tables on a stream, in the format that was asked for or that suits the stream. */

import { once } from "node:events";
import type { AnswerTable } from "../../job/result.js";
import { tableFormat } from "./table-format.js";
import { terminalColumns } from "./terminal-columns.js";
import { csvFormat, jsonFormat, markdownFormat, ndjsonFormat } from "./text-formats.js";

export const OUTPUT_FORMATS = ["table", "json", "ndjson", "csv", "markdown"] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

export const isOutputFormat = (name: string): name is OutputFormat =>
  (OUTPUT_FORMATS as readonly string[]).includes(name);

/** What is written to: `process.stdout`, or a test's. */
export interface OutputStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  /** Width of a terminal. */
  readonly columns?: number;
}

/** Rows are written in blocks of about this many characters. */
const BLOCK_CHARACTERS = 64 * 1024;

/** A table on a terminal, NDJSON in a pipe. */
const defaultFormat = (stream: OutputStream): OutputFormat => (stream.isTTY ? "table" : "ndjson");

/** The text of a table, in chunks. `columns`: the width that the format `table` keeps to. */
export function formatTable(table: AnswerTable, format: OutputFormat, columns: number): Iterable<string> {
  switch (format) {
    case "table":
      return tableFormat(table, columns);
    case "json":
      return jsonFormat(table);
    case "ndjson":
      return ndjsonFormat(table);
    case "csv":
      return csvFormat(table);
    case "markdown":
      return markdownFormat(table);
  }
}

/** Writes a table; ends when the stream has taken it all, no faster than the reader reads. */
export async function printTable(
  table: AnswerTable,
  format: OutputFormat | undefined,
  stream: OutputStream,
): Promise<void> {
  const columns = stream.isTTY ? terminalColumns(stream) : Number.POSITIVE_INFINITY;
  let block = "";
  for (const chunk of formatTable(table, format ?? defaultFormat(stream), columns)) {
    block += chunk;
    if (block.length < BLOCK_CHARACTERS) continue;
    if (!stream.write(block)) await once(stream, "drain");
    block = "";
  }
  if (block !== "") await new Promise<void>((resolve) => stream.write(block, () => resolve()));
}
