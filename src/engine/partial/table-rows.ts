/** {@link GroupRows} over the rows of a group table, where they lie. A row handle is its address. */

import type { Value } from "../../job/result.js";
import { signedNumber } from "../functions/aggregates/numbers.js";
import type { GroupTable } from "../kernels/group-table.js";
import type { Kernels } from "../kernels/kernels.js";
import { doubleOfOrdered, ROW } from "../kernels/layout.js";
import type { GroupRow, GroupRows } from "./group-rows.js";
import { type AccumulatorPlace, type KeyPlace, locateKey, type RowSchema } from "./row-schema.js";

export class TableRows implements GroupRows {
  readonly #table: GroupTable;
  readonly #schema: RowSchema;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #words: Uint32Array;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  constructor(kernels: Kernels, table: GroupTable, schema: RowSchema) {
    this.#table = table;
    this.#schema = schema;
    this.#bytes = kernels.memory.bytes;
    this.#view = kernels.memory.view;
    this.#words = new Uint32Array(this.#bytes.buffer);
  }

  get count(): number {
    return this.#table.rowCount;
  }

  forEachRow(visit: (row: GroupRow) => void): void {
    const words = this.#words;
    const fixedBytes = this.#table.rowBytes(0);
    for (const { start, end } of this.#table.blocks()) {
      let row = start;
      while (row < end) {
        visit(row);
        const keyLength = words[(row + ROW.keyLength) >>> 2] ?? 0;
        row += fixedBytes + (((keyLength + 7) >>> 3) << 3);
      }
    }
  }

  isKeyNull(row: GroupRow, key: number): boolean {
    return ((this.#view.getUint32(row + ROW.nullMask, true) >>> key) & 1) === 1;
  }

  keyValue(row: GroupRow, key: number): Value {
    if (this.isKeyNull(row, key)) return null;
    const view = this.#view;
    const place = this.#keyPlace(key);
    const { at, length } = this.#locate(row, place);
    switch (place.type) {
      case "string":
        return this.#decoder.decode(this.#bytes.slice(at, at + length));
      case "bool":
        return view.getUint32(at, true) !== 0;
      case "f64":
        return doubleOfOrdered(view.getBigInt64(at, true));
      default:
        return view.getBigInt64(at, true);
    }
  }

  keyNumber(row: GroupRow, key: number): number {
    const place = this.#keyPlace(key);
    if (place.type === "string" || this.isKeyNull(row, key)) return Number.NaN;
    const view = this.#view;
    const at = this.#keyAddress(row) + place.index * 8;
    return place.type === "f64" ? doubleOfOrdered(view.getBigInt64(at, true)) : signedNumber(view, at);
  }

  compareTexts(left: GroupRow, right: GroupRow, key: number): number {
    const order = Number(this.isKeyNull(left, key)) - Number(this.isKeyNull(right, key));
    if (order !== 0) return order;
    const place = this.#keyPlace(key);
    const first = this.#locate(left, place);
    const second = this.#locate(right, place);
    const shared = Math.min(first.length, second.length);
    const bytes = this.#bytes;
    for (let offset = 0; offset < shared; offset += 1) {
      const difference = (bytes[first.at + offset] ?? 0) - (bytes[second.at + offset] ?? 0);
      if (difference !== 0) return difference;
    }
    return first.length - second.length;
  }

  aggregateValue(row: GroupRow, aggregate: number): Value {
    const place = this.#accumulator(aggregate);
    return place.aggregate.value(this.#view, row + place.offset, place.argumentType);
  }

  aggregateNumber(row: GroupRow, aggregate: number): number {
    const place = this.#accumulator(aggregate);
    return place.aggregate.number(this.#view, row + place.offset, place.argumentType);
  }

  /** Where the bytes of a key lie. */
  #locate(row: GroupRow, place: KeyPlace): { readonly at: number; readonly length: number } {
    const keyAt = this.#keyAddress(row);
    const keyLength = this.#view.getUint32(row + ROW.keyLength, true);
    const { start, length } = locateKey(this.#schema, place, this.#view, keyAt, keyLength);
    return { at: keyAt + start, length };
  }

  #keyAddress(row: GroupRow): number {
    return row + ROW.accumulators + this.#schema.accumulatorBytes;
  }

  #keyPlace(key: number): KeyPlace {
    const place = this.#schema.keys[key];
    if (place === undefined) throw new RangeError(`the plan has no key ${key}`);
    return place;
  }

  #accumulator(aggregate: number): AccumulatorPlace {
    const place = this.#schema.accumulators[aggregate];
    if (place === undefined) throw new RangeError(`the plan has no aggregate ${aggregate}`);
    return place;
  }
}
