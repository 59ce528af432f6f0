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

  keyValue(row: GroupRow, key: number): Value {
    if (this.#isNull(row, key)) return null;
    const view = this.#view;
    const place = this.#keyPlace(key);
    const keyAt = this.#keyAddress(row);
    const { start, length } = locateKey(this.#schema, place, view, keyAt, view.getUint32(row + ROW.keyLength, true));
    const at = keyAt + start;
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
    if (place.type === "string" || this.#isNull(row, key)) return Number.NaN;
    const view = this.#view;
    const at = this.#keyAddress(row) + place.index * 8;
    return place.type === "f64" ? doubleOfOrdered(view.getBigInt64(at, true)) : signedNumber(view, at);
  }

  aggregateValue(row: GroupRow, aggregate: number): Value {
    const place = this.#accumulator(aggregate);
    return place.aggregate.value(this.#view, row + place.offset, place.argumentType);
  }

  aggregateNumber(row: GroupRow, aggregate: number): number {
    const place = this.#accumulator(aggregate);
    return place.aggregate.number(this.#view, row + place.offset, place.argumentType);
  }

  #keyAddress(row: GroupRow): number {
    return row + ROW.accumulators + this.#schema.accumulatorBytes;
  }

  #isNull(row: GroupRow, key: number): boolean {
    return ((this.#view.getUint32(row + ROW.nullMask, true) >>> key) & 1) === 1;
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
