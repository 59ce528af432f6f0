/**
 * Finished rows: groups whose details are no longer needed. A finished row is the group's, and behind its keys, as keys of
 * their own, stands what its listed aggregates come to. Without such aggregates it is the group's row as it is.
 */

import type { Value } from "../../job/result.js";
import { resultTypeOf } from "../functions/aggregate-catalogue.js";
import type { Kernels } from "../kernels/kernels.js";
import { ROW } from "../kernels/layout.js";
import type { MapPlan, ValueType } from "../plan.js";
import type { GroupReader, GroupRow } from "./group-rows.js";
import { KeyReader } from "./key-reader.js";
import type { PartialSchema } from "./partial-schema.js";
import { FIXED_KEY_BYTES, locateKey, type RowSchema, rowSchema, STRING_LENGTH_BYTES } from "./row-schema.js";

/** Where the value of a listed aggregate stands. */
interface ListedPlace {
  readonly aggregate: number;
  readonly type: ValueType;
  /** Number of its key. */
  readonly key: number;
}

export interface FinishedSchema {
  readonly partial: PartialSchema;
  readonly row: RowSchema;
  readonly listed: readonly ListedPlace[];
}

/** Throws a PlanError for more keys and listed aggregates than a row has room for. */
export function finishedSchemaOf(plan: MapPlan, partial: PartialSchema): FinishedSchema {
  const keyTypes = plan.keys.map(({ type }) => type);
  const listed: ListedPlace[] = [];
  partial.results.forEach((result, aggregate) => {
    const call = plan.aggregates[aggregate];
    if (result.kind !== "listed" || call === undefined) return;
    listed.push({ aggregate, type: resultTypeOf(call), key: keyTypes.length + listed.length });
  });
  // A double keeps its bits: the ordered form would make -0 a 0.
  const listedTypes = listed.map(({ type }): ValueType => (type === "f64" ? "i64" : type));
  return { partial, row: rowSchema([...keyTypes, ...listedTypes], partial.groups.accumulators), listed };
}

export class FinishedReader implements GroupReader {
  readonly #keys: KeyReader;
  readonly #view: DataView;
  readonly #schema: FinishedSchema;
  readonly #listed: ReadonlyMap<number, ListedPlace>;

  /** Void once the kernels' memory grows. */
  constructor(kernels: Kernels, schema: FinishedSchema) {
    this.#keys = new KeyReader(kernels, schema.row);
    this.#view = kernels.memory.view;
    this.#schema = schema;
    this.#listed = new Map(schema.listed.map((place) => [place.aggregate, place]));
  }

  isKeyNull(row: GroupRow, key: number): boolean {
    return this.#keys.isNull(row, key);
  }

  keyValue(row: GroupRow, key: number): Value {
    return this.#keys.value(row, key);
  }

  keyNumber(row: GroupRow, key: number): number {
    return this.#keys.number(row, key);
  }

  compareTexts(left: GroupRow, right: GroupRow, key: number): number {
    return this.#keys.compareTexts(left, right, key);
  }

  aggregateValue(row: GroupRow, aggregate: number): Value {
    const listed = this.#listed.get(aggregate);
    if (listed === undefined) {
      const { place } = this.#accumulator(aggregate);
      return place.aggregate.value(this.#view, row + place.offset, place.argumentType);
    }
    const value = this.#keys.value(row, listed.key);
    return listed.type === "f64" && typeof value === "bigint" ? doubleOfBits(value) : value;
  }

  aggregateNumber(row: GroupRow, aggregate: number): number {
    if (this.#listed.has(aggregate)) {
      const value = this.aggregateValue(row, aggregate);
      return value === null || typeof value === "string" ? Number.NaN : Number(value);
    }
    const { place } = this.#accumulator(aggregate);
    return place.aggregate.number(this.#view, row + place.offset, place.argumentType);
  }

  #accumulator(aggregate: number) {
    const result = this.#schema.partial.results[aggregate];
    if (result?.kind !== "accumulator") throw new RangeError(`the plan has no accumulator for aggregate ${aggregate}`);
    return result;
  }
}

const encoder = new TextEncoder();

/** The finished row of a group, for plans with listed aggregates. */
export function finishedRow(
  kernels: Kernels,
  { partial, row: target, listed }: FinishedSchema,
  groups: GroupReader,
  row: GroupRow,
): Uint8Array {
  const values = listed.map(({ aggregate }) => groups.aggregateValue(row, aggregate));
  const { view, bytes } = kernels.memory;
  const source = partial.groups;
  const keyAt = row + ROW.accumulators + source.accumulatorBytes;
  const keyLength = view.getUint32(row + ROW.keyLength, true);
  const texts: Uint8Array[] = [];
  for (const place of source.keys) {
    if (place.type !== "string") continue;
    const { start, length } = locateKey(source, place, view, keyAt, keyLength);
    texts.push(bytes.subarray(keyAt + start, keyAt + start + length));
  }
  let nullMask = view.getUint32(row + ROW.nullMask, true);
  values.forEach((value, index) => {
    const { key, type } = listed[index] ?? { key: 0, type: "i64" };
    if (value === null) nullMask |= 1 << key;
    if (type === "string") texts.push(typeof value === "string" ? encoder.encode(value) : new Uint8Array());
  });
  const textBytes = texts.reduce((sum, { length }) => sum + length, 0);
  const lengthBytes = Math.max(0, texts.length - 1) * STRING_LENGTH_BYTES;
  const headBytes = ROW.accumulators + target.accumulatorBytes;
  const finishedKeyLength = target.fixedKeys * FIXED_KEY_BYTES + lengthBytes + textBytes;
  const finished = new Uint8Array(headBytes + Math.ceil(finishedKeyLength / 8) * 8);
  const out = new DataView(finished.buffer);
  finished.set(bytes.subarray(row, keyAt + source.fixedKeys * FIXED_KEY_BYTES));
  out.setUint32(ROW.keyLength, finishedKeyLength, true);
  out.setUint32(ROW.nullMask, nullMask >>> 0, true);
  let at = headBytes + source.fixedKeys * FIXED_KEY_BYTES;
  values.forEach((value, index) => {
    if (listed[index]?.type === "string") return;
    setFixed(out, at, value);
    at += FIXED_KEY_BYTES;
  });
  for (const text of texts.slice(0, -1)) {
    out.setUint32(at, text.length, true);
    at += STRING_LENGTH_BYTES;
  }
  for (const text of texts) {
    finished.set(text, at);
    at += text.length;
  }
  return finished;
}

function setFixed(out: DataView, at: number, value: Value): void {
  if (typeof value === "bigint") out.setBigInt64(at, value, true);
  else if (typeof value === "number") out.setFloat64(at, value, true);
  else if (typeof value === "boolean") out.setBigInt64(at, value ? 1n : 0n, true);
}

const word = new DataView(new ArrayBuffer(8));

function doubleOfBits(bits: bigint): number {
  word.setBigInt64(0, bits);
  return word.getFloat64(0);
}
