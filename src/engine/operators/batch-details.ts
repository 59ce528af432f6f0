/** Details: fills the side tables of aggregates of no fixed size, each over all rows of a batch. */

import { assert, unreachable } from "../../base/assert.js";
import { REGISTER_BITS } from "../functions/aggregates/approximate-distinct.js";
import { COUNT_KEY } from "../functions/aggregates/exact-parts.js";
import type { DetailKind, DetailName } from "../functions/aggregates/listed-aggregate.js";
import type { VectorAddress } from "../kernels/kernel-exports.js";
import type { SideTable } from "../partial/partial-schema.js";
import type { PartialTable } from "../partial/partial-table.js";
import type { Column } from "./batch.js";
import { DetailMemo } from "./detail-memo.js";
import type { ExpressionCompiler } from "./expressions.js";
import { compileGroupLookup, groupable } from "./group-lookup.js";
import type { PlaceColumns } from "./place-columns.js";

/** Fills a side table from the first `count` selected rows. */
export interface DetailSteps {
  /** Before any side table is filled: the groups of the rows lie at the groups of the batch. */
  note(count: number): void;
  fill(count: number): void;
}

type DetailPass = (count: number) => void;

/** One detail of a row: its key, and what its accumulator takes. */
interface DetailColumns {
  readonly key: Column;
  /** Rows for which it is NULL have no such detail. */
  readonly known: VectorAddress;
  readonly value: VectorAddress | null;
}

export const needsPlaces = ({ name }: DetailKind): boolean => name === "firsts" || name === "lasts";

/** Few to a group, and asked for again and again. */
const REMEMBERED: readonly DetailName[] = ["bins", "registers", "parts", "moments"];

/** `tables`: that of the groups and the side table. `keys` are the group's; `places` are there if {@link needsPlaces}. */
export function compileDetails(
  compiler: ExpressionCompiler,
  side: SideTable,
  tables: { readonly groups: PartialTable; readonly details: PartialTable },
  keys: readonly Column[],
  places: PlaceColumns | undefined,
): DetailSteps {
  const { groups, details } = tables;
  const memo = REMEMBERED.includes(side.details.name)
    ? new DetailMemo(compiler.batch, [groups.groups, details.groups])
    : undefined;
  const passes = detailColumns(compiler, side, places).map((columns) =>
    memo === undefined
      ? compilePass(compiler, details, keys, columns)
      : compileRememberedPass(compiler, details, keys, columns, memo),
  );
  return {
    note: (count) => memo?.noteGroups(count),
    fill: (count) => {
      for (const pass of passes) pass(count);
    },
  };
}

function compilePass(
  compiler: ExpressionCompiler,
  table: PartialTable,
  keys: readonly Column[],
  { key, known, value }: DetailColumns,
): DetailPass {
  const { batch } = compiler;
  const { call } = batch.kernels;
  const { selection, knownSelection, groups } = batch;
  const lookup = compileGroupLookup(compiler, table.groups, [...keys, key], knownSelection);
  const [accumulator] = table.schema.accumulators;
  return (count) => {
    const rows = call.selectKnown(known, selection, count, knownSelection);
    if (rows === 0) return;
    lookup(rows);
    accumulator?.aggregate.update(call, { groups, selection: knownSelection, count: rows }, value, accumulator.offset);
  };
}

function compileRememberedPass(
  compiler: ExpressionCompiler,
  table: PartialTable,
  keys: readonly Column[],
  { key, known, value }: DetailColumns,
  memo: DetailMemo,
): DetailPass {
  const { selection, knownSelection, kernels } = compiler.batch;
  const lookup = compileGroupLookup(compiler, table.groups, [...keys, key], memo.missed);
  const [accumulator] = table.schema.accumulators;
  return (count) => {
    const rows = kernels.call.selectKnown(known, selection, count, knownSelection);
    if (rows === 0) return;
    memo.find(key.vector, knownSelection, rows, lookup);
    const found = { groups: memo.found, selection: knownSelection, count: rows };
    accumulator?.aggregate.update(kernels.call, found, value, accumulator.offset);
  };
}

function detailColumns(
  compiler: ExpressionCompiler,
  side: SideTable,
  places: PlaceColumns | undefined,
): readonly DetailColumns[] {
  const { batch } = compiler;
  const { name } = side.details;
  switch (name) {
    case "values":
    case "counts": {
      const key = filtered(compiler, side, groupable(compiler, compiler.compile(side.argument)));
      return [{ key, known: key.vector, value: null }];
    }
    case "bins": {
      const ordered = groupable(compiler, filtered(compiler, side, doubles(compiler, side)));
      const key = batch.newColumn("i64");
      compiler.addStep((rows) => batch.kernels.call.binDoubles(ordered.vector, key.vector, rows));
      return [{ key, known: key.vector, value: null }];
    }
    case "registers":
      return [registers(compiler, side)];
    case "parts":
      return [sumParts(compiler, filtered(compiler, side, doubles(compiler, side)))];
    case "moments": {
      const value = filtered(compiler, side, doubles(compiler, side));
      const count = { key: batch.constant("i64", COUNT_KEY), known: value.vector, value: one(compiler).vector };
      return [count, sumParts(compiler, value), squareParts(compiler, value, 0), squareParts(compiler, value, 1)];
    }
    case "firsts":
    case "lasts": {
      assert(places !== undefined, "places are computed where they are needed");
      const key = groupable(compiler, compiler.compile(side.argument));
      // NULLs are values too: only what FILTER drops is unknown.
      return [{ key, known: filtered(compiler, side, one(compiler)).vector, value: places.address }];
    }
    default:
      return unreachable(name);
  }
}

const one = (compiler: ExpressionCompiler): Column => compiler.batch.constant("i64", 1n);

/** An 8-byte column, NULL where FILTER is not true. */
function filtered(compiler: ExpressionCompiler, { filter }: SideTable, column: Column): Column {
  if (filter === null) return column;
  const { batch } = compiler;
  const condition = compiler.compile(filter);
  const out = batch.newColumn(column.type === "bool" ? "i64" : column.type);
  compiler.addStep((rows) => batch.kernels.call.nullUnless(condition.vector, column.vector, out.vector, rows));
  return out;
}

/** The argument as doubles. */
function doubles(compiler: ExpressionCompiler, { argument }: SideTable): Column {
  const column = compiler.compile(argument);
  if (column.type === "f64") return column;
  const { batch } = compiler;
  const out = batch.newColumn("f64");
  compiler.addStep((rows) => batch.kernels.call.integersToDoubles(column.vector, out.vector, rows));
  return out;
}

function registers(compiler: ExpressionCompiler, side: SideTable): DetailColumns {
  const { batch } = compiler;
  const column = filtered(compiler, side, groupable(compiler, compiler.compile(side.argument)));
  const isText = column.type === "string" ? 1 : 0;
  const [register, rank] = [batch.newColumn("i64"), batch.newColumn("i64")];
  compiler.addStep((rows) =>
    batch.kernels.call.rankValues(column.vector, isText, REGISTER_BITS, register.vector, rank.vector, rows),
  );
  return { key: register, known: register.vector, value: rank.vector };
}

function sumParts(compiler: ExpressionCompiler, value: Column): DetailColumns {
  const { batch } = compiler;
  const [key, part] = [batch.newColumn("i64"), batch.newColumn("i64")];
  compiler.addStep((rows) => batch.kernels.call.splitDoubles(value.vector, key.vector, part.vector, rows));
  return { key, known: key.vector, value: part.vector };
}

/** `half`: 0 for the low bits of the squares, 1 for the high ones. */
function squareParts(compiler: ExpressionCompiler, value: Column, half: number): DetailColumns {
  const { batch } = compiler;
  const [key, part] = [batch.newColumn("i64"), batch.newColumn("i64")];
  compiler.addStep((rows) => batch.kernels.call.splitSquares(value.vector, half, key.vector, part.vector, rows));
  return { key, known: key.vector, value: part.vector };
}
