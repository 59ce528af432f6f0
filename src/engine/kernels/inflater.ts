/**
 * Host of the kernel that inflates DEFLATE data. Input is read into a buffer in the kernels' memory; output comes in blocks
 * that follow each other round a ring there, so that another thread can read one while the next is made.
 */

import type { Kernels } from "./kernels.js";
import { INFLATION } from "./layout.js";

const INFLATED_BLOCK_BYTES = 256 * 1024;
/** So many that a block is made where nobody has read lately: taking memory back from another core's cache took as long as inflating. */
export const INFLATED_BLOCKS = 32;
const INPUT_BYTES = 256 * 1024;
/** How far back DEFLATE repeats what was there. */
const WINDOW_BYTES = 32 * 1024;
const RING_BYTES = INFLATED_BLOCKS * INFLATED_BLOCK_BYTES;
/** Up to 262 bytes come behind the end of a block, and 31 more are overwritten. */
const OVERRUN_BYTES = 512;
/** What the ring and all about it need of the kernels' memory, and these themselves. */
export const INFLATER_MEMORY_PAGES = Math.ceil((RING_BYTES + INPUT_BYTES) / 65_536) + 8;

/** What the kernel returns, and the words of zlib for each of its errors. */
const NEEDS_INPUT = 0;
const NEEDS_ROOM = 1;
const ENDED = 2;
const ERRORS: Readonly<Record<number, string>> = {
  16: "invalid block type",
  17: "invalid stored block lengths",
  18: "too many length or distance symbols",
  19: "invalid code lengths set",
  20: "invalid bit length repeat",
  21: "invalid code -- missing end-of-block",
  22: "invalid literal/lengths set",
  23: "invalid distances set",
  24: "invalid literal/length code",
  25: "invalid distance code",
  26: "invalid distance too far back",
};

/** Why inflating stopped. */
export type InflateStop = "input" | "room" | "end";

/** A block of output: where it lies in memory. */
export interface InflatedBlock {
  readonly start: number;
  readonly bytes: number;
}

export class Inflater {
  readonly #kernels: Kernels;
  readonly #state: number;
  readonly #inputBuffer: number;
  readonly #ring: number;
  /** Blocks begun since the start. */
  #blocks = 0;
  #blockStart = 0;
  #isFresh = true;

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
    const { memory } = kernels;
    this.#state = memory.allocate(INFLATION.sizeBytes).address;
    this.#inputBuffer = memory.allocate(INPUT_BYTES).address;
    this.#ring = memory.allocate(WINDOW_BYTES + RING_BYTES + OVERRUN_BYTES).address + WINDOW_BYTES;
    kernels.call.prepareInflation(this.#state);
    this.#set(INFLATION.input, this.#inputBuffer);
    this.#set(INFLATION.inputEnd, this.#inputBuffer);
  }

  /** Bytes that were read and not taken yet. */
  get input(): Uint8Array {
    return this.#kernels.memory.bytes.subarray(this.#get(INFLATION.input), this.#get(INFLATION.inputEnd));
  }

  /** Takes bytes that are no DEFLATE data. */
  skip(bytes: number): void {
    this.#set(INFLATION.input, this.#get(INFLATION.input) + bytes);
  }

  /** Lets `read` put bytes behind those that were not taken; returns how many it put there. */
  fill(read: (target: Uint8Array) => number): number {
    const { bytes } = this.#kernels.memory;
    const left = this.input.length;
    bytes.copyWithin(this.#inputBuffer, this.#get(INFLATION.input), this.#get(INFLATION.inputEnd));
    const count = read(bytes.subarray(this.#inputBuffer + left, this.#inputBuffer + INPUT_BYTES));
    this.#set(INFLATION.input, this.#inputBuffer);
    this.#set(INFLATION.inputEnd, this.#inputBuffer + left + count);
    return count;
  }

  /** Begins with other data. Its output begins a block. */
  begin(): void {
    this.#kernels.call.beginInflation(this.#state);
    this.#isFresh = true;
  }

  /**
   * Begins the next block, which reaches into the one behind it: nobody may read those two any more. It follows the block
   * before it, or a copy of that one's end where the ring begins anew.
   */
  beginBlock(): void {
    const place = this.#blocks % INFLATED_BLOCKS;
    this.#blocks += 1;
    const start = this.#ring + place * INFLATED_BLOCK_BYTES;
    if (this.#isFresh) {
      this.#set(INFLATION.output, start);
      this.#set(INFLATION.windowStart, start);
      this.#isFresh = false;
    } else if (place === 0) {
      const end = this.#get(INFLATION.output);
      const kept = Math.min(WINDOW_BYTES, end - this.#get(INFLATION.windowStart));
      this.#kernels.memory.bytes.copyWithin(start - kept, end - kept, end);
      this.#set(INFLATION.output, start);
      this.#set(INFLATION.windowStart, start - kept);
    }
    this.#blockStart = this.#get(INFLATION.output);
    this.#set(INFLATION.outputLimit, start + INFLATED_BLOCK_BYTES);
  }

  /** What the block has so far. */
  get block(): InflatedBlock {
    return { start: this.#blockStart, bytes: this.#get(INFLATION.output) - this.#blockStart };
  }

  /** Inflates until it lacks input, or room in the block, or the data ends. Throws an Error in zlib's words. */
  run(): InflateStop {
    const outcome = this.#kernels.call.inflate(this.#state);
    switch (outcome) {
      case NEEDS_INPUT:
        return "input";
      case NEEDS_ROOM:
        return "room";
      case ENDED:
        return "end";
      default:
        throw new Error(ERRORS[outcome] ?? `inflating ended with ${outcome}`);
    }
  }

  #get(offset: number): number {
    return this.#kernels.memory.view.getUint32(this.#state + offset, true);
  }

  #set(offset: number, value: number): void {
    this.#kernels.memory.view.setUint32(this.#state + offset, value, true);
  }
}
