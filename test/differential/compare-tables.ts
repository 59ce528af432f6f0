/** Whether two engines gave the same table: rows in order, values of one type, rounded ones within their tolerance. */

import type { Cell } from "./generated-log.js";

const LEAST_ESTIMATED = 1e-300;

type Table = readonly (readonly Cell[])[];

/** What differs first, for people; undefined if nothing does. */
export function differenceOf(ours: Table, theirs: Table, tolerances: readonly number[]): string | undefined {
  if (ours.length !== theirs.length) return `${ours.length} rows here, ${theirs.length} there`;
  for (const [row, cells] of ours.entries()) {
    for (const [column, cell] of cells.entries()) {
      const expected = theirs[row]?.[column] ?? null;
      if (isClose(cell, expected, tolerances[column] ?? 0)) continue;
      return `row ${row + 1}, column ${column + 1}: ${shown(cell)} here, ${shown(expected)} there`;
    }
  }
  return undefined;
}

const shown = (cell: Cell): string =>
  `${typeof cell} ${typeof cell === "string" ? JSON.stringify(cell) : String(cell)}`;

function isClose(ours: Cell, theirs: Cell, tolerance: number): boolean {
  if (ours === theirs || Object.is(ours, theirs)) return true;
  const isNumeric = (cell: Cell): cell is number | bigint => typeof cell === "number" || typeof cell === "bigint";
  if (!isNumeric(ours) || !isNumeric(theirs)) return false;
  if (typeof ours !== typeof theirs) {
    // 3 is 3, whatever the type; but a large integer must not have been through a double.
    return Number(ours) === Number(theirs) && Math.abs(Number(ours)) <= Number.MAX_SAFE_INTEGER;
  }
  if (tolerance === 0) return false;
  // Of a few values two may fall together, or an integer be rounded; what is next to nothing is estimated as 0.
  const slack = typeof ours === "bigint" ? 1 : LEAST_ESTIMATED;
  return Math.abs(Number(ours) - Number(theirs)) <= tolerance * Math.abs(Number(theirs)) + slack;
}
