/**
 * `pack` and `unpack`: many values as one text and back. A row has room for a bounded number of keys, and a query that shows
 * more columns than that packs them. The planner writes these calls; no query does.
 */

import type { Value } from "../../../job/result.js";
import { PartialError } from "../../partial/partial-error.js";
import type { ValueType } from "../../plan.js";
import type { ScalarFunction } from "../scalar-function.js";

type Cell = string | boolean | null;

/** Numbers are their text, which reads back as what it was also where JSON has no number for it. */
const cellOf = (value: Value): Cell => (typeof value === "bigint" || typeof value === "number" ? String(value) : value);

function valueOfCell(cell: Cell, type: ValueType): Value {
  if (typeof cell !== "string" || type === "string") return cell;
  return type === "f64" ? Number(cell) : BigInt(cell);
}

/** The columns of a row come one after another, most of them out of one text. */
let lastText = "";
let lastCells: readonly Cell[] = [];

function cellsOf(text: string): readonly Cell[] {
  if (text === lastText) return lastCells;
  try {
    lastCells = JSON.parse(text) as readonly Cell[];
    lastText = text;
    return lastCells;
  } catch {
    throw new PartialError("malformed", "A partial has packed columns that are none; run the query again");
  }
}

export const PACKING: readonly ScalarFunction[] = [
  {
    name: "pack",
    rule: { kind: "same", least: 1, most: Number.POSITIVE_INFINITY },
    resultType: () => "string",
    evaluate: (values) => JSON.stringify(values.map(cellOf)),
    callable: false,
    inKernels: false,
  },
  {
    name: "unpack",
    rule: { kind: "exactly", types: ["string", "i64"] },
    resultType: () => "string",
    evaluate: ([text = null, index = null], { result }) =>
      typeof text === "string" ? valueOfCell(cellsOf(text)[Number(index)] ?? null, result) : null,
    callable: false,
    inKernels: false,
  },
];
