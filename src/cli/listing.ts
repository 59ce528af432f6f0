/** Listings other than query results: a table for people, JSON for programs, from the same objects. */

import { InvalidArgumentError, Option } from "commander";
import type { ResultColumn, Value } from "../job/result.js";
import { formatTable, type OutputStream } from "./output/print-table.js";
import { terminalColumns } from "./output/terminal-columns.js";

export const LISTING_FORMATS = ["table", "json"] as const;
export type ListingFormat = (typeof LISTING_FORMATS)[number];

/** The `--output` option of a listing; the default is a table on a terminal, JSON in a pipe. */
export function listingOutputOption(): Option {
  return new Option("--output <format>", "table or json (default: table on a terminal, else json)").argParser(
    (text: string): ListingFormat => {
      const format = LISTING_FORMATS.find((known) => known === text);
      if (format === undefined) throw new InvalidArgumentError(`It is one of ${LISTING_FORMATS.join(", ")}.`);
      return format;
    },
  );
}

export const nodeOption = (): Option =>
  new Option("--node <host:port>", "gRPC address of any node of the cluster (default: $LOGMR_NODE)");

/** A column of a listing's table. */
export interface ListingColumn<Item> extends ResultColumn {
  readonly value: (item: Item) => Value;
}

/** The text of a listing: a table of its columns, or the objects themselves. */
export function listingText<Item>(
  items: readonly Item[],
  columns: readonly ListingColumn<Item>[],
  format: ListingFormat | undefined,
  stream: OutputStream,
): string {
  if ((format ?? (stream.isTTY ? "table" : "json")) === "json") return `${JSON.stringify(items, undefined, 2)}\n`;
  const rows = items.map((item) => columns.map((column) => column.value(item)));
  const table = { columns, rows, counters: { lines: 0, bytes: 0, unparsed: 0, malformedFields: 0 } };
  const columnsShown = stream.isTTY ? terminalColumns(stream) : Number.POSITIVE_INFINITY;
  return [...formatTable(table, "table", columnsShown)].join("");
}
