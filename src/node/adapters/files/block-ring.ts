/**
 * Blocks of bytes from one thread to another, in order, through shared memory. Both sides wait in place, so that the one
 * that reads may be in the middle of a scan. One thread writes, one reads.
 */

import { assert } from "../../../base/assert.js";

export const BLOCK_BYTES = 1024 * 1024;
const BLOCKS = 4;
/** Longer than any disk keeps a read waiting: past it the other thread is taken to be gone. */
const SILENCE_MS = 120_000;

/** Slots of the control words. `EVENTS` counts every change, so that a wait cannot miss one. */
const WRITTEN = 0;
const TAKEN = 1;
const EVENTS = 2;
const STATE = 3;
const LENGTHS = 4;
/** Room for the message of a failure, which its length in bytes precedes. */
const MESSAGE_BYTES = 1024;

/** States; an open ring has 0. */
const ENDED = 1;
const FAILED = 2;

export interface SharedRing {
  readonly control: SharedArrayBuffer;
  readonly bytes: SharedArrayBuffer;
  readonly message: SharedArrayBuffer;
}

export function newSharedRing(): SharedRing {
  return {
    control: new SharedArrayBuffer((LENGTHS + BLOCKS) * Int32Array.BYTES_PER_ELEMENT),
    bytes: new SharedArrayBuffer(BLOCKS * BLOCK_BYTES),
    message: new SharedArrayBuffer(4 + MESSAGE_BYTES),
  };
}

class RingSide {
  protected readonly control: Int32Array;
  protected readonly bytes: Uint8Array;
  protected readonly message: DataView;

  constructor({ control, bytes, message }: SharedRing) {
    this.control = new Int32Array(control);
    this.bytes = new Uint8Array(bytes);
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

  protected blockAt(count: number): number {
    return (count % BLOCKS) * BLOCK_BYTES;
  }
}

export class RingWriter extends RingSide {
  /** Waits until there is room for a block of at least one byte. */
  write(block: Uint8Array): void {
    assert(block.length > 0 && block.length <= BLOCK_BYTES, "a block fits its place");
    while (true) {
      const seen = Atomics.load(this.control, EVENTS);
      const written = Atomics.load(this.control, WRITTEN);
      if (written - Atomics.load(this.control, TAKEN) < BLOCKS) {
        this.bytes.set(block, this.blockAt(written));
        Atomics.store(this.control, LENGTHS + (written % BLOCKS), block.length);
        Atomics.store(this.control, WRITTEN, written + 1);
        this.signal();
        return;
      }
      this.wait(seen);
    }
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

  /** Up to `target.length` bytes, waiting for at least one; 0 at the end. Throws an Error with the message of a failure. */
  read(target: Uint8Array): number {
    while (true) {
      const seen = Atomics.load(this.control, EVENTS);
      // The state is read first: all blocks that were written before an end are seen then.
      const state = Atomics.load(this.control, STATE);
      if (Atomics.load(this.control, WRITTEN) > this.#taken) return this.#take(target);
      if (state === ENDED) return 0;
      if (state === FAILED) throw new Error(this.#message());
      if (!this.wait(seen)) throw new Error("the thread that decompresses it is silent");
    }
  }

  #take(target: Uint8Array): number {
    const length = Atomics.load(this.control, LENGTHS + (this.#taken % BLOCKS));
    const start = this.blockAt(this.#taken) + this.#offset;
    const count = Math.min(target.length, length - this.#offset);
    target.set(this.bytes.subarray(start, start + count));
    this.#offset += count;
    if (this.#offset === length) {
      this.#taken += 1;
      this.#offset = 0;
      Atomics.store(this.control, TAKEN, this.#taken);
      this.signal();
    }
    return count;
  }

  #message(): string {
    const length = this.message.getUint32(0, true);
    return new TextDecoder().decode(new Uint8Array(this.message.buffer, 4, length).slice());
  }
}
