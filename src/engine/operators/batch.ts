/**
 * The columns of a batch in the kernels' memory: lines, selection, keys, and whatever vectors a program needs. All are
 * allocated once, when a program is compiled, for the largest batch.
 */

import type { Address, VectorAddress } from "../kernels/kernel-exports.js";
import type { Kernels } from "../kernels/kernels.js";
import { BATCH_ROWS, LINE_BYTES, PROBE, SPAN_BYTES, VECTOR } from "../kernels/layout.js";
import type { ValueType } from "../plan.js";

/** A column and its type. */
export interface Column {
  readonly type: ValueType;
  readonly vector: VectorAddress;
}

const WIDE_BYTES = 8;

export class Batch {
  readonly kernels: Kernels;
  /** {u32 cursor, u32 end} of each line. */
  readonly lines: Address;
  /** One byte a row: 1 while it is part of the answer. */
  readonly live: Address;
  /** Numbers of the live rows. */
  readonly selection: Address;
  /** Numbers of those selected rows that have the detail at hand. */
  readonly knownSelection: Address;
  /** Rows of groups, by position in the selection. */
  readonly groups: Address;
  /** The probe structure over the keys of the selection. */
  readonly probe: Address;
  /** Addresses of the rows that are merged from elsewhere. */
  readonly sources: Address;
  readonly #never: Address;

  constructor(kernels: Kernels) {
    this.kernels = kernels;
    this.lines = this.#allocate(BATCH_ROWS * LINE_BYTES);
    this.live = this.#allocate(BATCH_ROWS);
    this.selection = this.#allocate(BATCH_ROWS * 4 + 4);
    this.knownSelection = this.#allocate(BATCH_ROWS * 4 + 4);
    this.groups = this.#allocate(BATCH_ROWS * 4);
    this.sources = this.#allocate(BATCH_ROWS * 4);
    this.probe = this.#allocateProbe();
    this.#never = this.#allocate(1);
    kernels.memory.bytes[this.#never] = 0;
  }

  /** A column to be filled, with room for a batch. */
  newColumn(type: ValueType): Column {
    const stride = type === "bool" ? 1 : WIDE_BYTES;
    return this.#describe(type, this.#allocate(BATCH_ROWS * stride), stride, this.#allocate(BATCH_ROWS), 1);
  }

  /** A column without NULLs over values that lie at `values`, or will. */
  newColumnOver(type: ValueType, values: Address): Column {
    return this.#describe(type, values, type === "bool" ? 1 : WIDE_BYTES, this.#never, 0);
  }

  /** Room for a batch of strings. */
  allocateSpans(): Address {
    return this.#allocate(BATCH_ROWS * SPAN_BYTES);
  }

  /** The same value in every row. */
  constant(type: ValueType, value: bigint | number | boolean | Uint8Array | null): Column {
    const cell = this.#allocate(WIDE_BYTES);
    const isNull = this.#allocate(1);
    const column = this.#describe(type, cell, 0, isNull, 0);
    this.setConstant(column, value);
    return column;
  }

  /** Changes the value of a column made by {@link constant}. */
  setConstant(column: Column, value: bigint | number | boolean | Uint8Array | null): void {
    const text = value instanceof Uint8Array ? this.storeBytes(value) : undefined;
    const { view, bytes } = this.kernels.memory;
    const cell = view.getUint32(column.vector + VECTOR.values, true);
    view.setBigUint64(cell, 0n, true);
    bytes[view.getUint32(column.vector + VECTOR.nulls, true)] = value === null ? 1 : 0;
    if (value instanceof Uint8Array) writeSpan(view, cell, text ?? 0, value.length);
    else if (typeof value === "boolean") bytes[cell] = value ? 1 : 0;
    else if (typeof value === "bigint") view.setBigInt64(cell, value, true);
    else if (typeof value === "number") view.setFloat64(cell, value, true);
  }

  /** Constants of strings, side by side. */
  storeSpans(texts: readonly Uint8Array[]): Address {
    const spans = this.#allocate(Math.max(1, texts.length) * SPAN_BYTES);
    texts.forEach((text, index) => {
      const address = this.storeBytes(text);
      writeSpan(this.kernels.memory.view, spans + index * SPAN_BYTES, address, text.length);
    });
    return spans;
  }

  /** Constants of i64, side by side. */
  storeIntegers(values: readonly bigint[]): Address {
    const address = this.#allocate(Math.max(1, values.length) * WIDE_BYTES);
    values.forEach((value, index) => {
      this.kernels.memory.view.setBigInt64(address + index * WIDE_BYTES, value, true);
    });
    return address;
  }

  storeBytes(bytes: Uint8Array): Address {
    const address = this.#allocate(bytes.length + 1);
    this.kernels.memory.bytes.set(bytes, address);
    return address;
  }

  /** A structure of u32 fields, in order. */
  storeWords(words: readonly number[]): Address {
    const address = this.#allocate(Math.max(1, words.length) * 4);
    words.forEach((word, index) => {
      this.kernels.memory.view.setUint32(address + index * 4, word, true);
    });
    return address;
  }

  #describe(type: ValueType, values: Address, stride: number, nulls: Address, nullStride: number): Column {
    const vector = this.#allocate(VECTOR.sizeBytes);
    const { view } = this.kernels.memory;
    view.setUint32(vector + VECTOR.values, values, true);
    view.setUint32(vector + VECTOR.stride, stride, true);
    view.setUint32(vector + VECTOR.nulls, nulls, true);
    view.setUint32(vector + VECTOR.nullStride, nullStride, true);
    return { type, vector };
  }

  #allocateProbe(): Address {
    const hashes = this.#allocate(BATCH_ROWS * 8);
    const keys = this.#allocate(BATCH_ROWS * SPAN_BYTES);
    const nullMasks = this.#allocate(BATCH_ROWS * 4);
    const candidates = this.#allocate(BATCH_ROWS * 4);
    const probe = this.#allocate(PROBE.sizeBytes);
    const { view } = this.kernels.memory;
    view.setUint32(probe + PROBE.hashes, hashes, true);
    view.setUint32(probe + PROBE.keys, keys, true);
    view.setUint32(probe + PROBE.nullMasks, nullMasks, true);
    view.setUint32(probe + PROBE.candidates, candidates, true);
    view.setUint32(probe + PROBE.groups, this.groups, true);
    return probe;
  }

  #allocate(sizeBytes: number): Address {
    return this.kernels.memory.allocate(sizeBytes).address;
  }
}

function writeSpan(view: DataView, at: Address, address: Address, length: number): void {
  view.setUint32(at, address, true);
  view.setUint32(at + 4, length, true);
}
