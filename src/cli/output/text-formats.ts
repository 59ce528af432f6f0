/** Result tables for programs: JSON, NDJSON, CSV and Markdown. Each format is a series of chunks of text. */

import { safeText } from "../../base/safe-text.js";
import type { AnswerTable, Value } from "../../job/result.js";
import { isNumeric, jsonText, plainText } from "./cell-text.js";

function* jsonObjects(table: AnswerTable): Iterable<string> {
  const names = table.columns.map(({ name }) => JSON.stringify(name));
  for (const row of table.rows) {
    const members = table.columns.map(({ type }, index) => `${names[index]}:${jsonText(row[index] ?? null, type)}`);
    yield `{${members.join(",")}}`;
  }
}

/** An array of objects, one a line. */
export function* jsonFormat(table: AnswerTable): Iterable<string> {
  let separator = "[\n";
  for (const object of jsonObjects(table)) {
    yield separator + object;
    separator = ",\n";
  }
  yield table.rows.length === 0 ? "[]\n" : "\n]\n";
}

/** An object a line. */
export function* ndjsonFormat(table: AnswerTable): Iterable<string> {
  for (const object of jsonObjects(table)) yield `${object}\n`;
}

/** How a spreadsheet recognises a formula; a tab or line break before it does not stop it. */
const FORMULA = /^[=+\-@\t\r\n]/;

/** RFC 4180. Text that a spreadsheet would run as a formula gets an apostrophe in front. NULL is empty. */
export function* csvFormat(table: AnswerTable): Iterable<string> {
  const csvText = (text: string): string => {
    const harmless = FORMULA.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
  };
  yield `${table.columns.map(({ name }) => csvText(name)).join(",")}\r\n`;
  for (const row of table.rows) {
    const cells = table.columns.map(({ type }, index) => {
      const value: Value = row[index] ?? null;
      return typeof value === "string" ? csvText(value) : plainText(value, type);
    });
    yield `${cells.join(",")}\r\n`;
  }
}

/** A GitHub table, numbers to the right. */
export function* markdownFormat(table: AnswerTable): Iterable<string> {
  const escaped = (text: string): string => safeText(text).replace(/[\\`*_{}[\]<>#|~&]/g, "\\$&");
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  yield line(table.columns.map(({ name }) => escaped(name)));
  yield line(table.columns.map(({ type }) => (isNumeric(type) ? "---:" : "---")));
  for (const row of table.rows) {
    yield line(
      table.columns.map(({ type }, index) => {
        const value: Value = row[index] ?? null;
        return typeof value === "string" ? escaped(value) : plainText(value, type);
      }),
    );
  }
}
