/**
 * Blocks of bytes from one thread to another, in order, through shared memory. Both sides wait in place, so that the one
 * that reads may be in the middle of a scan. One thread writes, one reads.
 */

import { INFLATED_BLOCKS, INFLATER_MEMORY_PAGES, type InflatedBlock } from "../../../engine/kernels/inflater.js";
import type { BlockSink } from "./gzip-members.js";
import { type MemberCheck, TextCheck } from "./text-check.js";

export const BLOCKS = INFLATED_BLOCKS;
/** Longer than any disk keeps a read waiting: past it the other thread is taken to be gone. */
const SILENCE_MS = 120_000;

/** Slots of the control words. `EVENTS` counts every change, so that a wait cannot miss one. */
const WRITTEN = 0;
const TAKEN = 1;
const EVENTS = 2;
const STATE = 3;
const BLOCK_SLOTS = 4;
/** Of a block: where it lies, its length, and what the text that ends with it must have, if anything. */
const START = 0;
const LENGTH = 1;
const HAS_CHECK = 2;
const CRC = 3;
const TEXT_BYTES = 4;
const SLOTS_PER_BLOCK = 5;
/** Room for the message of a failure, which its length in bytes precedes. */
const MESSAGE_BYTES = 1024;

/** States; an open ring has 0. */
const ENDED = 1;
const FAILED = 2;

/** The blocks lie where the writer makes them: in the memory of its kernels. */
export interface SharedRing {
  readonly control: SharedArrayBuffer;
  readonly memory: WebAssembly.Memory;
  readonly message: SharedArrayBuffer;
}

export function newSharedRing(): SharedRing {
  const pages = INFLATER_MEMORY_PAGES;
  return {
    control: new SharedArrayBuffer((BLOCK_SLOTS + BLOCKS * SLOTS_PER_BLOCK) * Int32Array.BYTES_PER_ELEMENT),
    memory: new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }),
    message: new SharedArrayBuffer(4 + MESSAGE_BYTES),
  };
}

class RingSide {
  protected readonly control: Int32Array;
  protected readonly bytes: Uint8Array;
  protected readonly message: DataView;

  constructor({ control, memory, message }: SharedRing) {
    this.control = new Int32Array(control);
    this.bytes = new Uint8Array(memory.buffer);
    this.message = new DataView(message);
  }

  protected signal(): void {
    Atomics.add(this.control, EVENTS, 1);
    Atomics.notify(this.control, EVENTS);
  }

  /** Waits for a change since `seen`; false if there was none for too long. */
  protected wait(seen: number): boolean {
    return Atomics.wait(this.control, EVENTS, seen, SILENCE_MS) !== "timed-out";
  }

  protected slot(count: number, slot: number): number {
    return BLOCK_SLOTS + (count % BLOCKS) * SLOTS_PER_BLOCK + slot;
  }
}

export class RingWriter extends RingSide implements BlockSink {
  /** Waits until the next block may be made, and what lies behind it be overwritten. */
  waitForRoom(): void {
    while (true) {
      const seen = Atomics.load(this.control, EVENTS);
      if (this.#written() - Atomics.load(this.control, TAKEN) < BLOCKS - 1) return;
      this.wait(seen);
    }
  }

  /** Hands over a block; `check` is of the text that ends with it. */
  take({ start, bytes }: InflatedBlock, check?: MemberCheck): void {
    const written = this.#written();
    const set = (slot: number, value: number): void => {
      Atomics.store(this.control, this.slot(written, slot), value);
    };
    set(START, start);
    set(LENGTH, bytes);
    set(HAS_CHECK, check === undefined ? 0 : 1);
    set(CRC, check?.crc32 ?? 0);
    set(TEXT_BYTES, check?.bytes ?? 0);
    Atomics.store(this.control, WRITTEN, written + 1);
    this.signal();
  }

  #written(): number {
    return Atomics.load(this.control, WRITTEN);
  }

  end(): void {
    Atomics.store(this.control, STATE, ENDED);
    this.signal();
  }

  /** Ends with a message instead of an end; of a long one, the beginning. */
  fail(message: string): void {
    const text = new TextEncoder().encode(message).subarray(0, MESSAGE_BYTES);
    this.message.setUint32(0, text.length, true);
    new Uint8Array(this.message.buffer, 4).set(text);
    Atomics.store(this.control, STATE, FAILED);
    this.signal();
  }
}

export class RingReader extends RingSide {
  #taken = 0;
  #offset = 0;
  readonly #check = new TextCheck();

  /** Up to `target.length` bytes, waiting for at least one; 0 at the end. Throws an Error with the message of a failure. */
  read(target: Uint8Array): number {
    while (true) {
      const seen = Atomics.load(this.control, EVENTS);
      // The state is read first: all blocks that were written before an end are seen then.
      const state = Atomics.load(this.control, STATE);
      if (Atomics.load(this.control, WRITTEN) > this.#taken) {
        const count = this.#take(target);
        if (count > 0) return count;
        continue;
      }
      if (state === ENDED) return 0;
      if (state === FAILED) throw new Error(this.#message());
      if (!this.wait(seen)) throw new Error("the thread that decompresses it is silent");
    }
  }

  /** Of the next block, which may be empty. */
  #take(target: Uint8Array): number {
    const length = this.#get(LENGTH);
    const start = this.#get(START) + this.#offset;
    const count = Math.min(target.length, length - this.#offset);
    const part = target.subarray(0, count);
    part.set(this.bytes.subarray(start, start + count));
    this.#check.add(part);
    this.#offset += count;
    if (this.#offset === length) this.#finishBlock();
    return count;
  }

  #finishBlock(): void {
    if (this.#get(HAS_CHECK) === 1) {
      this.#check.finish({ crc32: this.#get(CRC) >>> 0, bytes: this.#get(TEXT_BYTES) >>> 0 });
    }
    this.#taken += 1;
    this.#offset = 0;
    Atomics.store(this.control, TAKEN, this.#taken);
    this.signal();
  }

  #get(slot: number): number {
    return Atomics.load(this.control, this.slot(this.#taken, slot));
  }

  #message(): string {
    const length = this.message.getUint32(0, true);
    return new TextDecoder().decode(new Uint8Array(this.message.buffer, 4, length).slice());
  }
}
