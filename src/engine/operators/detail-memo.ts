/** The host's half of assembly/detail-memo.ts: its memory, and when what it knows is void. */

import type { GroupTable } from "../kernels/group-table.js";
import type { Address, VectorAddress } from "../kernels/kernel-exports.js";
import { BATCH_ROWS } from "../kernels/layout.js";
import type { Batch } from "./batch.js";

/** 128 KiB: what is looked up all the time stays in the second-level cache. */
const ENTRY_BITS = 13;
const ENTRY_BYTES = 16;

export class DetailMemo {
  /** Numbers of the lines whose details the memo does not know: what is to be looked up. */
  readonly missed: Address;
  /** Rows of the details, by position in the selection that was asked for. */
  readonly found: Address;
  readonly #batch: Batch;
  readonly #address: Address;
  readonly #entries: Address;
  readonly #tables: readonly GroupTable[];
  #emptiedTimes = -1;

  /** `tables`: that of the groups and that of the details. */
  constructor(batch: Batch, tables: readonly GroupTable[]) {
    const { memory } = batch.kernels;
    const rowList = (): Address => memory.allocate(BATCH_ROWS * 4 + 4).address;
    this.#batch = batch;
    this.#tables = tables;
    this.#entries = memory.allocate(2 ** ENTRY_BITS * ENTRY_BYTES).address;
    this.found = rowList();
    this.missed = rowList();
    const places = rowList();
    this.#address = batch.storeWords([this.#entries, 64 - ENTRY_BITS, rowList(), this.found, this.missed, places]);
  }

  /** To be told the groups of the first `count` selected rows before it is asked for their details. */
  noteGroups(count: number): void {
    this.#forgetIfVoid();
    const { selection, groups, kernels } = this.#batch;
    kernels.call.noteGroups(this.#address, selection, groups, count);
  }

  /** Finds the details of the first `count` rows of a selection, and has those looked up that it does not know. */
  find(keys: VectorAddress, selection: Address, count: number, lookUp: (missed: number) => void): void {
    const { call } = this.#batch.kernels;
    const missed = call.recallDetails(this.#address, selection, count, keys);
    if (missed === 0) return;
    lookUp(missed);
    call.keepDetails(this.#address, keys, this.#batch.groups, missed);
  }

  #forgetIfVoid(): void {
    const emptiedTimes = this.#tables.reduce((sum, table) => sum + table.emptiedTimes, 0);
    if (emptiedTimes === this.#emptiedTimes) return;
    this.#emptiedTimes = emptiedTimes;
    const { bytes } = this.#batch.kernels.memory;
    bytes.fill(0, this.#entries, this.#entries + 2 ** ENTRY_BITS * ENTRY_BYTES);
  }
}
