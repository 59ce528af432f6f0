/** Group: finds the rows of the selected rows' groups, in the way that suits the keys. */

import type { GroupTable } from "../kernels/group-table.js";
import type { Address } from "../kernels/kernel-exports.js";
import { KEY_KIND } from "../kernels/layout.js";
import type { ValueType } from "../plan.js";
import type { Column } from "./batch.js";
import type { Compilation } from "./calls/call-compiler.js";

/** Puts the rows of the groups of the first `count` rows of its selection at `batch.groups`. */
export type GroupLookup = (count: number) => void;

/** From here on a table no longer fits the nearest caches, and looking keys up in two passes pays. */
const LARGE_TABLE_ROWS = 4096;
const FIRST_SCRATCH_BYTES = 256 * 1024;

/** `selection` lists the rows to look up. */
export function compileGroupLookup(
  compiler: Compilation,
  table: GroupTable,
  keys: readonly Column[],
  selection: Address,
): GroupLookup {
  const { batch } = compiler;
  const [only] = keys;
  if (only === undefined) return (count) => table.lookupSingle(batch.groups, count);
  if (keys.length > 1) return composedLookup(compiler, table, keys, selection);
  const column = groupable(compiler, only);
  const { call } = batch.kernels;
  if (column.type === "string") {
    return (count) => {
      call.probeStrings(column.vector, selection, count, batch.probe);
      table.lookup(batch.probe, count);
    };
  }
  return (count) => {
    if (table.rowCount < LARGE_TABLE_ROWS) {
      table.lookupFixed(column.vector, selection, batch.groups, count);
    } else {
      call.probeFixed(column.vector, selection, count, batch.probe);
      table.lookup(batch.probe, count);
    }
  };
}

/** The column as keys and `min`, `max` see it: doubles as integers of the same order, bools widened. */
export function groupable(compiler: Compilation, column: Column): Column {
  if (column.type !== "f64" && column.type !== "bool") return column;
  const { batch } = compiler;
  const { call } = batch.kernels;
  const convert = column.type === "f64" ? call.orderDoubles : call.widenBools;
  const out = batch.newColumn("i64");
  compiler.addStep((rows) => convert(column.vector, out.vector, rows));
  return out;
}

function composedLookup(
  compiler: Compilation,
  table: GroupTable,
  keys: readonly Column[],
  selection: Address,
): GroupLookup {
  const { batch } = compiler;
  const { call, memory } = batch.kernels;
  const numbered = keys.map((key, position) => ({
    column: key.type === "f64" ? groupable(compiler, key) : key,
    position,
  }));
  const fixed = numbered.filter(({ column }) => column.type !== "string");
  const strings = numbered.filter(({ column }) => column.type === "string");
  const columns = batch.storeWords(
    [...fixed, ...strings].flatMap(({ column, position }) => [column.vector, kindOf(column.type), position]),
  );
  let scratch = memory.allocate(FIRST_SCRATCH_BYTES);
  return (count) => {
    const neededBytes = Number(call.composedBytes(columns, keys.length, selection, count));
    if (neededBytes > scratch.sizeBytes) scratch = memory.allocate(2 ** Math.ceil(Math.log2(neededBytes)));
    call.composeKeys(columns, keys.length, fixed.length, selection, count, scratch.address, batch.probe);
    table.lookup(batch.probe, count);
  };
}

function kindOf(type: ValueType): number {
  if (type === "string") return KEY_KIND.string;
  return type === "bool" ? KEY_KIND.bool : KEY_KIND.wide;
}
