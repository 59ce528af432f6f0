/** Result tables for people: aligned columns that fit the terminal. */

import { displayWidth, fitWidth, safeText } from "../../base/safe-text.js";
import type { AnswerTable, Value } from "../../job/result.js";
import { isNumeric, plainText } from "./cell-text.js";

const GAP = "  ";
/** Below this a column of text says nothing; the table rather grows wider than the terminal. */
const NARROWEST_COLUMNS = 8;
const NULL_TEXT = "NULL";

/**
 * Lines of a table at most `columns` wide, where its numbers and its narrowest columns allow that: wide columns of text
 * give way first. Text is escaped; NULL is written out. Rows are read twice, so that none need be kept.
 */
export function* tableFormat(table: AnswerTable, columns: number): Iterable<string> {
  const cellsOf = (row: readonly Value[]): readonly string[] =>
    table.columns.map(({ type }, index) => {
      const value: Value = row[index] ?? null;
      return value === null ? NULL_TEXT : safeText(plainText(value, type));
    });
  const names = table.columns.map(({ name }) => safeText(name));
  const widths = fittedWidths(table, names, cellsOf, columns);
  const render = (texts: readonly string[]): string => {
    const padded = texts.map((text, index) => {
      const width = widths[index] ?? 0;
      const fitted = fitWidth(text, width);
      const padding = " ".repeat(width - displayWidth(fitted));
      return isNumeric(table.columns[index]?.type ?? "string") ? padding + fitted : fitted + padding;
    });
    return `${padded.join(GAP).trimEnd()}\n`;
  };
  yield render(names);
  yield render(widths.map((width) => "─".repeat(width)));
  for (const row of table.rows) yield render(cellsOf(row));
}

function fittedWidths(
  table: AnswerTable,
  names: readonly string[],
  cellsOf: (row: readonly Value[]) => readonly string[],
  columns: number,
): readonly number[] {
  const widths = names.map((name) => displayWidth(name));
  for (const row of table.rows) {
    cellsOf(row).forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, displayWidth(cell));
    });
  }
  const canShrink = (index: number): boolean => table.columns[index]?.type === "string";
  let excess = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1) - columns;
  while (excess > 0) {
    let widest = -1;
    let next = NARROWEST_COLUMNS;
    widths.forEach((width, index) => {
      if (canShrink(index) && width > (widths[widest] ?? NARROWEST_COLUMNS)) {
        next = widths[widest] ?? NARROWEST_COLUMNS;
        widest = index;
      } else if (canShrink(index) && index !== widest) {
        next = Math.max(next, width);
      }
    });
    const width = widths[widest];
    if (width === undefined) break;
    const cut = Math.min(excess, Math.max(1, width - next));
    widths[widest] = width - cut;
    excess -= cut;
  }
  return widths;
}
