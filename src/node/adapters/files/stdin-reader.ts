/** Standard input as a byte reader: read once, front to back, with a first block that was looked at before the scan. */

import { readSync } from "node:fs";
import { assert } from "../../../base/assert.js";
import type { ByteReader } from "../../../engine/byte-reader.js";
import { asInputError } from "../../input-error.js";

/** The path that stands for standard input. */
export const STDIN = "-";
const DESCRIPTOR = 0;
const RETRY_MS = 2;

class StdinReader implements ByteReader {
  readonly #ahead: Uint8Array;
  #position = 0;

  /** Reads up to `sampleBytes` ahead: {@link sample}. */
  constructor(sampleBytes: number) {
    const block = new Uint8Array(sampleBytes);
    let filled = 0;
    while (filled < sampleBytes) {
      const count = readBlocking(block.subarray(filled));
      if (count === 0) break;
      filled += count;
    }
    this.#ahead = block.subarray(0, filled);
  }

  /** The first bytes of the stream. They are read again by the scan. */
  get sample(): Uint8Array {
    return this.#ahead;
  }

  read(target: Uint8Array, position: number): number {
    assert(position === this.#position, "standard input is read in order");
    if (target.length === 0) return 0;
    const ahead = this.#ahead.subarray(position, position + target.length);
    target.set(ahead);
    const count = ahead.length > 0 ? ahead.length : readBlocking(target);
    this.#position += count;
    return count;
  }

  close(): void {}
}

let opened: StdinReader | undefined;

/** The one reader of this process's standard input; the first call decides how far it looks ahead. */
export function openStdin(sampleBytes: number): StdinReader {
  opened ??= new StdinReader(sampleBytes);
  return opened;
}

/** Waits where the descriptor is non-blocking, as pipes of some shells are. */
function readBlocking(target: Uint8Array): number {
  while (true) {
    try {
      return readSync(DESCRIPTOR, target, 0, target.length, null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw asInputError(error, "-");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}
