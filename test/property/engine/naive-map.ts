/** The map half of a query, computed line by line from the twins of the kernels and the catalogue of functions. */

import { formatByName } from "../../../src/engine/formats/formats.js";
import { scalarFunction } from "../../../src/engine/functions/catalogue.js";
import { runFieldProgram } from "../../../src/engine/kernels/twins/field-program.js";
import { splitLines } from "../../../src/engine/kernels/twins/lines.js";
import type { FieldValue } from "../../../src/engine/kernels/twins/values.js";
import type { AggregateCall, Expression, MapPlan } from "../../../src/engine/plan.js";
import type { Value } from "../../../src/job/result.js";
import { rowText, sortedTable } from "../../unit/engine/plans.js";
import { naiveAggregate } from "./naive-aggregates.js";

export type NaiveRow = ReadonlyMap<string, Value>;

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function plainValue(value: FieldValue | undefined): Value {
  return value instanceof Uint8Array ? textOf(value) : (value ?? null);
}

/** The fields of a line by name; undefined if it is not a row. */
export function naiveRow(formatName: string, line: Uint8Array): NaiveRow | undefined {
  const format = formatByName(formatName);
  const parsed = runFieldProgram(format, line, new Set(format.fields.map(({ name }) => name)));
  if (parsed === undefined) return undefined;
  const row = new Map<string, Value>([["_raw", textOf(line)]]);
  for (const [name, value] of parsed.values) row.set(name, plainValue(value));
  return row;
}

/** Malformed fields of a row in the eyes of a plan that reads only this field. */
export function naiveMalformed(formatName: string, line: Uint8Array, fieldName: string): number {
  return runFieldProgram(formatByName(formatName), line, new Set([fieldName]))?.malformed ?? 0;
}

/** Keys and extremes know one zero only. */
const withoutNegativeZero = (value: Value): Value => (value === 0 ? 0 : value);

export function evaluate(expression: Expression, row: NaiveRow): Value {
  switch (expression.kind) {
    case "field":
      return row.get(expression.name) ?? null;
    case "literal":
      if (expression.value === null) return null;
      return ["i64", "timestamp", "interval"].includes(expression.type) ? BigInt(expression.value) : expression.value;
    case "call": {
      const scalar = scalarFunction(expression.function);
      if (scalar === undefined) throw new Error(`no function ${expression.function}`);
      const values = expression.arguments.map((argument) => evaluate(argument, row));
      const from = expression.arguments.map(({ type }) => type);
      return scalar.evaluate(values, { arguments: from, result: expression.type });
    }
    default:
      throw new Error(`a ${expression.kind} in a map plan`);
  }
}

function aggregated(aggregate: AggregateCall, rows: readonly NaiveRow[]): Value {
  const { argument, filter } = aggregate;
  const kept = rows.filter((row) => filter === null || evaluate(filter, row) === true);
  const observations = kept.map((row) => ({
    value: argument === null ? 1n : evaluate(argument, row),
    time: row.get("time") ?? null,
  }));
  return withoutNegativeZero(naiveAggregate(aggregate, observations));
}

/** All groups as `[...keys, ...aggregates]`, in the order of `tableOf`. */
export function naiveTable(
  text: Uint8Array,
  map: MapPlan,
  formatName = "combined",
): { readonly table: readonly (readonly Value[])[]; readonly lines: number; readonly unparsed: number } {
  const lines = splitLines(text);
  const rows = lines.map((line) => naiveRow(formatName, line)).filter((row) => row !== undefined);
  const groups = new Map<string, { readonly keys: readonly Value[]; readonly rows: NaiveRow[] }>();
  for (const row of rows) {
    if (map.filter !== null && evaluate(map.filter, row) !== true) continue;
    const keys = map.keys.map((key) => withoutNegativeZero(evaluate(key, row)));
    const group = groups.get(rowText(keys)) ?? { keys, rows: [] };
    groups.set(rowText(keys), group);
    group.rows.push(row);
  }
  const table = [...groups.values()].map((group) => [
    ...group.keys,
    ...map.aggregates.map((aggregate) => aggregated(aggregate, group.rows)),
  ]);
  return { table: sortedTable(table), lines: lines.length, unparsed: lines.length - rows.length };
}
