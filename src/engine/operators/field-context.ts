/** What the steps of a field program share while they are compiled: the batch, the fields that are needed, their columns. */

import { assert } from "../../base/assert.js";
import type { TimeLayout } from "../formats/format.js";
import type { Address, VectorAddress } from "../kernels/kernel-exports.js";
import { BATCH_ROWS, TIME_LAYOUT } from "../kernels/layout.js";
import type { ValueType } from "../plan.js";
import type { Batch, Column } from "./batch.js";

const NOT_KEPT = 0;

export class FieldContext {
  readonly batch: Batch;
  /** Fields and parts to extract. */
  readonly needed: ReadonlySet<string>;
  readonly columns = new Map<string, Column>();

  constructor(batch: Batch, needed: ReadonlySet<string>) {
    this.batch = batch;
    this.needed = needed;
  }

  /** The column that an operation fills; 0 if nobody needs it. */
  outOf(field: string | null, type: ValueType): VectorAddress {
    return field !== null && this.needed.has(field) ? this.newColumn(field, type).vector : NOT_KEPT;
  }

  newColumn(field: string, type: ValueType): Column {
    const column = this.batch.newColumn(type);
    this.columns.set(field, column);
    return column;
  }

  /** A column that is filled by now. */
  columnOf(field: string): Column {
    const column = this.columns.get(field);
    assert(column !== undefined, `${field} is computed before what derives from it`);
    return column;
  }

  /** One byte a row. */
  allocateKinds(): Address {
    return this.batch.kernels.memory.allocate(BATCH_ROWS).address;
  }

  /** Room that grows to the next power of two when a batch needs more; what was in it is lost. */
  newRoom(): (neededBytes: number) => Address {
    const { memory } = this.batch.kernels;
    let room = memory.allocate(FIRST_ROOM_BYTES);
    return (neededBytes) => {
      if (neededBytes > room.sizeBytes) room = memory.allocate(2 ** Math.ceil(Math.log2(neededBytes)));
      return room.address;
    };
  }
}

const FIRST_ROOM_BYTES = 64;

/** The low bytes of a word, in memory order. Texts of field programs are 1 to 8 ASCII characters. */
export function wordOf(text: string): bigint {
  return asciiCodes(text).reduceRight((sum, code) => sum * 256n + BigInt(code), 0n);
}

export function asciiCodes(text: string): readonly number[] {
  const codes = Array.from(text, (character) => character.charCodeAt(0));
  assert(
    codes.length > 0 && codes.length <= 8 && codes.every((code) => code < 128),
    `"${text}" of a field program is 1 to 8 ASCII characters`,
  );
  return codes;
}

/** A layout as the kernels take it. */
export function layoutArguments(layout: TimeLayout): { readonly code: number; readonly parameter: bigint } {
  if (typeof layout === "string") return { code: TIME_LAYOUT[layout], parameter: 0n };
  if ("syslog" in layout) return { code: TIME_LAYOUT.syslog, parameter: BigInt(layout.syslog.lastMonth) };
  return { code: TIME_LAYOUT.epoch, parameter: BigInt(layout.epoch) };
}
