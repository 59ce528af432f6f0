/**
 * Compressed files as byte readers: read once, front to back, by a thread of its own, so that decompressing and scanning
 * overlap. Memory is 8 MiB of blocks, whatever comes out.
 */

import { Worker } from "node:worker_threads";
import { assert } from "../../../base/assert.js";
import { builtFile } from "../../../base/package-root.js";
import type { ByteReader } from "../../../engine/byte-reader.js";
import type { Compression } from "../../../job/manifest.js";
import { InputError } from "../../input-error.js";
import { takeAhead } from "../threads/thread-ahead.js";
import { newSharedRing, RingReader } from "./block-ring.js";
import { damaged } from "./compression.js";
import type { DecompressorStart } from "./decompressor.js";
import { TOO_COMPRESSED } from "./decompressor-limits.js";

const DECOMPRESSOR_FILE = builtFile("bin/decompressor.js");

export class CompressedReader implements ByteReader {
  readonly #name: string;
  readonly #compression: Compression;
  readonly #ring: RingReader;
  readonly #worker: Worker;
  #position = 0;

  /** `name` is the file's in messages. */
  constructor(path: string, compression: Compression, name = path) {
    const ring = newSharedRing();
    const start: DecompressorStart = { path, compression, ring };
    this.#name = name;
    this.#compression = compression;
    this.#ring = new RingReader(ring);
    this.#worker = takeAhead("decompress") ?? new Worker(DECOMPRESSOR_FILE);
    this.#worker.unref();
    this.#worker.postMessage(start);
  }

  /** Throws an {@link InputError} for a file that is damaged, cut off, or made to burst. */
  read(target: Uint8Array, position: number): number {
    assert(position === this.#position, "a compressed file is read in order");
    if (target.length === 0) return 0;
    try {
      const count = this.#ring.read(target);
      this.#position += count;
      return count;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message === TOO_COMPRESSED) throw new InputError("too-compressed", this.#name, `"${this.#name}" ${message}`);
      throw damaged(this.#name, this.#compression, error);
    }
  }

  close(): void {
    void this.#worker.terminate();
  }
}
