/**
 * The host's half of the group table: it gives the kernels slots and arena blocks, and goes on where they stopped for want
 * of room. Blocks hold whole rows, so each can be merged elsewhere as it is.
 */

import { assert } from "../../base/assert.js";
import type { Address, VectorAddress } from "./kernel-exports.js";
import type { Kernels } from "./kernels.js";
import { BATCH_ROWS, DIRECT_KEYS, GROUP_TABLE, ROW, SLOT_BYTES } from "./layout.js";
import type { Region } from "./linear-memory.js";

const INITIAL_SLOT_BITS = 14;
/** Growing copies slots alone, which is cheap; slots that are few stay near. */
const GROWTH_BITS = 1;
/** Rows by slots at which the table grows. */
const FULLEST_LOAD = 5 / 8;
/** The same for what comes last: growing would cost more than the longer searches. */
const FULLEST_LAST_LOAD = 7 / 8;
/** Rows that a batch adds at most, a few times over: a table that has room for fewer is about to grow. */
const BATCH_GROWTH_ROWS = 8 * BATCH_ROWS;
/** Rows are handed to other threads in blocks of this size; only a single larger row gets a larger block. */
const ARENA_BLOCK_BYTES = 512 * 1024;

interface Block {
  readonly region: Region;
  /** Address behind its last row. */
  end: Address;
}

/** Half-open range of addresses. */
export interface AddressRange {
  readonly start: Address;
  readonly end: Address;
}

export class GroupTable {
  readonly address: Address;
  readonly accumulatorBytes: number;
  readonly #kernels: Kernels;
  readonly #scratch: Address;
  readonly #slotRegions: Region[] = [];
  readonly #blocks: Block[] = [];
  #currentBlock = 0;
  /** Of the blocks up to the current one. */
  #arenaBytes = 0;
  #slotBits = INITIAL_SLOT_BITS;
  #emptiedTimes = 0;

  /** `seed` varies the places of slots, never the order of partials. */
  constructor(kernels: Kernels, accumulatorBytes: number, seed: bigint) {
    this.#kernels = kernels;
    this.accumulatorBytes = accumulatorBytes;
    this.address = kernels.memory.allocate(GROUP_TABLE.sizeBytes).address;
    this.#scratch = kernels.memory.allocate(8).address;
    const direct = kernels.memory.allocate(DIRECT_KEYS * 4).address;
    const { view } = kernels.memory;
    view.setBigUint64(this.address + GROUP_TABLE.seed, BigInt.asUintN(64, seed | 1n), true);
    view.setUint32(this.address + GROUP_TABLE.accumulatorBytes, accumulatorBytes, true);
    view.setUint32(this.address + GROUP_TABLE.direct, direct, true);
    this.reset();
  }

  get rowCount(): number {
    return this.#get(GROUP_TABLE.rowCount);
  }

  /** Grows whenever addresses of rows become void. */
  get emptiedTimes(): number {
    return this.#emptiedTimes;
  }

  /** Drops all groups and keeps the memory. */
  reset(): void {
    this.#emptiedTimes += 1;
    const { bytes } = this.#kernels.memory;
    const direct = this.#get(GROUP_TABLE.direct);
    bytes.fill(0, direct, direct + DIRECT_KEYS * 4);
    this.#set(GROUP_TABLE.rowCount, 0);
    this.#useSlots(INITIAL_SLOT_BITS);
    for (const block of this.#blocks) block.end = block.region.address;
    this.#currentBlock = 0;
    this.#arenaBytes = 0;
    const first = this.#blocks[0];
    if (first === undefined) {
      this.#set(GROUP_TABLE.arenaTop, 0);
      this.#set(GROUP_TABLE.arenaEnd, 0);
    } else {
      this.#useBlock(0);
    }
  }

  /** Drops all groups, and leaves the memory to whoever asks for some next. */
  release(): void {
    const { memory } = this.#kernels;
    this.reset();
    for (const { region } of this.#blocks.splice(0)) memory.release(region);
    this.#arenaBytes = 0;
    this.#set(GROUP_TABLE.arenaTop, 0);
    this.#set(GROUP_TABLE.arenaEnd, 0);
    const isKept = ({ sizeBytes }: Region): boolean => sizeBytes === 2 ** INITIAL_SLOT_BITS * SLOT_BYTES;
    const slotRegions = this.#slotRegions.splice(0);
    this.#slotRegions.push(...slotRegions.filter(isKept));
    for (const region of slotRegions) if (!isKept(region)) memory.release(region);
  }

  /** The blocks that hold rows, in the order in which they were filled. */
  blocks(): readonly AddressRange[] {
    this.#noteBlockEnd();
    return this.#blocks
      .map((block) => ({ start: block.region.address, end: block.end }))
      .filter((range) => range.end > range.start);
  }

  get rowsBytes(): number {
    return this.blocks().reduce((sum, block) => sum + block.end - block.start, 0);
  }

  /** Memory in use: rows, slots, those from before the table grew, and those it is about to get. */
  get heldBytes(): number {
    const isAboutToGrow = this.rowCount + BATCH_GROWTH_ROWS > this.#get(GROUP_TABLE.rowLimit);
    return this.#arenaBytes + 2 ** (this.#slotBits + (isAboutToGrow ? 2 : 1)) * SLOT_BYTES;
  }

  /** To be called before the last rows come in: until the table grows after all, it may get fuller. */
  expectLast(): void {
    this.#set(GROUP_TABLE.rowLimit, this.#get(GROUP_TABLE.slotCount) * FULLEST_LAST_LOAD);
  }

  /** Puts the row of the empty key at each of `count` places of `groups`. */
  lookupSingle(groups: Address, count: number): void {
    this.#resume(count, (from) =>
      from < count ? this.#kernels.call.lookupSingleGroup(this.address, groups, count) : count,
    );
  }

  lookupFixed(column: VectorAddress, selection: Address, groups: Address, count: number): void {
    const { call } = this.#kernels;
    this.#resume(count, (from) =>
      call.lookupFixed(this.address, column, selection, groups, this.#scratch, from, count),
    );
  }

  lookup(probe: Address, count: number): void {
    this.#resume(count, (from) => this.#kernels.call.lookupGroups(this.address, probe, from, count));
  }

  #resume(count: number, look: (from: number) => number): void {
    let done = 0;
    while (done < count) {
      done = look(done);
      if (done < count) this.#makeRoom();
    }
  }

  #makeRoom(): void {
    if (this.rowCount >= this.#get(GROUP_TABLE.rowLimit)) {
      this.#growSlots();
      return;
    }
    this.#noteBlockEnd();
    const wantedBytes = this.#get(GROUP_TABLE.wantedBytes);
    let next = this.#blocks.length === 0 ? 0 : this.#currentBlock + 1;
    while (next < this.#blocks.length && (this.#blocks[next]?.region.sizeBytes ?? 0) < wantedBytes) next += 1;
    if (next === this.#blocks.length) {
      const region = this.#blockMemory(Math.max(wantedBytes, ARENA_BLOCK_BYTES));
      this.#blocks.push({ region, end: region.address });
    }
    this.#useBlock(next);
  }

  /** Memory for a block: of slots that the table has outgrown, whose pages are there already, or else new. */
  #blockMemory(sizeBytes: number): Region {
    const { memory } = this.#kernels;
    if (sizeBytes > ARENA_BLOCK_BYTES || memory.hasReleased(sizeBytes)) return memory.allocate(sizeBytes);
    const current = this.#get(GROUP_TABLE.slots);
    const outgrown = this.#slotRegions.findIndex((slots) => slots.address !== current && slots.sizeBytes >= sizeBytes);
    for (const slots of outgrown < 0 ? [] : this.#slotRegions.splice(outgrown, 1)) {
      for (let offset = slots.sizeBytes - sizeBytes; offset >= 0; offset -= sizeBytes) {
        memory.release({ address: slots.address + offset, sizeBytes, isFresh: false });
      }
    }
    return memory.allocate(sizeBytes);
  }

  #useBlock(index: number): void {
    const block = this.#blocks[index];
    assert(block !== undefined, `the arena has a block ${index}`);
    this.#currentBlock = index;
    this.#arenaBytes += block.region.sizeBytes;
    this.#set(GROUP_TABLE.arenaTop, block.region.address);
    this.#set(GROUP_TABLE.arenaEnd, block.region.address + block.region.sizeBytes);
  }

  #noteBlockEnd(): void {
    const current = this.#blocks[this.#currentBlock];
    if (current !== undefined) current.end = this.#get(GROUP_TABLE.arenaTop);
  }

  #growSlots(): void {
    const from = this.#get(GROUP_TABLE.slots);
    const end = from + this.#get(GROUP_TABLE.slotCount) * SLOT_BYTES;
    this.#useSlots(this.#slotBits + GROWTH_BITS);
    this.#kernels.call.reenterSlots(this.address, from, end);
  }

  /** Points the table at 2^bits empty slots. Regions are kept for the next vertex. */
  #useSlots(bits: number): void {
    const sizeBytes = 2 ** bits * SLOT_BYTES;
    let region = this.#slotRegions.find((known) => known.sizeBytes === sizeBytes);
    if (region === undefined) {
      region = this.#kernels.memory.allocate(sizeBytes);
      this.#slotRegions.push({ ...region, isFresh: false });
    }
    // A page that is read before it is written is mapped twice, the second time with an interrupt to the other cores.
    if (region.isFresh) this.#kernels.memory.touch(region);
    else this.#kernels.memory.bytes.fill(0, region.address, region.address + sizeBytes);
    this.#slotBits = bits;
    this.#set(GROUP_TABLE.slots, region.address);
    this.#set(GROUP_TABLE.slotCount, 2 ** bits);
    this.#set(GROUP_TABLE.slotShift, 32 - bits);
    this.#set(GROUP_TABLE.rowLimit, 2 ** bits * FULLEST_LOAD);
  }

  #get(field: number): number {
    return this.#kernels.memory.view.getUint32(this.address + field, true);
  }

  #set(field: number, value: number): void {
    this.#kernels.memory.view.setUint32(this.address + field, value, true);
  }

  /** Size of a row whose key has `keyLength` bytes. */
  rowBytes(keyLength: number): number {
    return ROW.accumulators + this.accumulatorBytes + Math.ceil(keyLength / 8) * 8;
  }
}
