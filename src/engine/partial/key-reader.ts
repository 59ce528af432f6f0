/** Reads the keys of a table's rows where they lie. */

import type { Value } from "../../job/result.js";
import { signedNumber } from "../functions/aggregates/numbers.js";
import type { Kernels } from "../kernels/kernels.js";
import { doubleOfOrdered, ROW } from "../kernels/layout.js";
import type { GroupRow } from "./group-rows.js";
import { type KeyPlace, locateKey, type RowSchema } from "./row-schema.js";

export class KeyReader {
  readonly #schema: RowSchema;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #texts: Buffer;

  /** Void once the kernels' memory grows. */
  constructor(kernels: Kernels, schema: RowSchema) {
    this.#schema = schema;
    this.#bytes = kernels.memory.bytes;
    this.#view = kernels.memory.view;
    this.#texts = kernels.memory.texts;
  }

  isNull(row: GroupRow, key: number): boolean {
    return ((this.#view.getUint32(row + ROW.nullMask, true) >>> key) & 1) === 1;
  }

  value(row: GroupRow, key: number): Value {
    if (this.isNull(row, key)) return null;
    const view = this.#view;
    const place = this.#place(key);
    const { at, length } = this.#locate(row, place);
    switch (place.type) {
      case "string":
        return this.#texts.toString("utf8", at, at + length);
      case "bool":
        return view.getUint32(at, true) !== 0;
      case "f64":
        return doubleOfOrdered(view.getBigInt64(at, true));
      default:
        return view.getBigInt64(at, true);
    }
  }

  /** NaN for NULL and for text. */
  number(row: GroupRow, key: number): number {
    const place = this.#place(key);
    if (place.type === "string" || this.isNull(row, key)) return Number.NaN;
    const view = this.#view;
    const at = this.#keyAddress(row) + place.index * 8;
    return place.type === "f64" ? doubleOfOrdered(view.getBigInt64(at, true)) : signedNumber(view, at);
  }

  /** The order of two rows by a key of text: by its bytes, NULL behind all. */
  compareTexts(left: GroupRow, right: GroupRow, key: number): number {
    const order = Number(this.isNull(left, key)) - Number(this.isNull(right, key));
    if (order !== 0) return order;
    const place = this.#place(key);
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

  #place(key: number): KeyPlace {
    const place = this.#schema.keys[key];
    if (place === undefined) throw new RangeError(`the table has no key ${key}`);
    return place;
  }
}
