/** Short ways to write plans and to run them, for tests of the engine. */

import type { ByteReader } from "../../../src/engine/byte-reader.js";
import { Kernels } from "../../../src/engine/kernels/kernels.js";
import type { AggregateCall, Expression, MapPlan, ValueType } from "../../../src/engine/plan.js";
import { VertexAccumulator, type VertexRange } from "../../../src/engine/vertex-accumulator.js";
import type { Value } from "../../../src/job/result.js";

export const field = (name: string, type: ValueType = "string"): Expression => ({ kind: "field", type, name });
export const literal = (type: ValueType, value: string | number | boolean | null): Expression => ({
  kind: "literal",
  type,
  value,
});
export const call = (type: ValueType, name: string, ...arguments_: readonly Expression[]): Expression => ({
  kind: "call",
  type,
  function: name,
  arguments: arguments_,
});
export const aggregate = (
  name: string,
  argument: Expression | null = null,
  filter: Expression | null = null,
): AggregateCall => ({ function: name, argument, filter });
export const plan = (parts: Partial<MapPlan>): MapPlan => ({
  filter: null,
  keys: [],
  aggregates: [aggregate("count")],
  ...parts,
});

export const STATUS = field("status", "i64");
export const BYTES = field("bytes", "i64");
export const TIME = field("time", "timestamp");
const RATIO = call("f64", "div", call("f64", "cast", BYTES), literal("f64", 3));
const IS_OK = call("bool", "eq", STATUS, literal("i64", "200"));

/** Each aggregate that lists details, over every type of argument that differs on the way. */
export const EVERY_LISTED_AGGREGATE: readonly AggregateCall[] = [
  ...["count_distinct", "approx_count_distinct", "first", "last", "any_value", "mode", "histogram"].flatMap((name) =>
    [field("referer"), BYTES, RATIO, IS_OK].map((argument) => aggregate(name, argument)),
  ),
  aggregate("min", field("user_agent")),
  aggregate("max", field("user_agent"), IS_OK),
  aggregate("count_distinct", BYTES, IS_OK),
  aggregate("sum", RATIO),
  aggregate("sum", RATIO, IS_OK),
  ...[BYTES, RATIO].flatMap((argument) => [
    aggregate("stddev", argument),
    aggregate("median", argument),
    { ...aggregate("quantile", argument), parameters: [0.3] },
    { ...aggregate("approx_quantile", argument), parameters: [0.9] },
  ]),
];
export const BY_STATUS = plan({ keys: [STATUS] });

/** Reads at most `mostBytes` at once, to show that nothing depends on it. */
export function memoryReader(bytes: Uint8Array, mostBytes = Number.POSITIVE_INFINITY): ByteReader {
  return {
    read(target, position) {
      const part = bytes.subarray(position, position + Math.min(target.length, mostBytes));
      target.set(part);
      return part.length;
    },
    close() {},
  };
}

export const wholeRange = (bytes: Uint8Array, format = "combined"): VertexRange => ({
  format,
  start: 0,
  end: bytes.length,
  scanSize: bytes.length,
  fileName: "access.log",
  nodeName: null,
});

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

export function scanned(text: string | Uint8Array, map: MapPlan, format = "combined"): VertexAccumulator {
  const bytes = typeof text === "string" ? bytesOf(text) : text;
  const accumulator = new VertexAccumulator(Kernels.instantiate(), map);
  accumulator.scan(memoryReader(bytes), wholeRange(bytes, format));
  return accumulator;
}

/** All groups as `[...keys, ...aggregates]`, sorted by their text. */
export function tableOf(accumulator: VertexAccumulator, map: MapPlan): readonly (readonly Value[])[] {
  const rows = accumulator.rows();
  const table: Value[][] = [];
  rows.forEachRow((row) => {
    table.push([
      ...map.keys.map((_, index) => rows.keyValue(row, index)),
      ...map.aggregates.map((_, index) => rows.aggregateValue(row, index)),
    ]);
  });
  return sortedTable(table);
}

export const rowText = (row: readonly Value[]): string =>
  row.map((value) => `${typeof value}:${Object.is(value, -0) ? 0 : value}`).join("|");

export const sortedTable = (table: readonly (readonly Value[])[]): readonly (readonly Value[])[] =>
  table.toSorted((left, right) => (rowText(left) < rowText(right) ? -1 : 1));

export const run = (text: string | Uint8Array, map: MapPlan, format = "combined"): readonly (readonly Value[])[] =>
  tableOf(scanned(text, map, format), map);
