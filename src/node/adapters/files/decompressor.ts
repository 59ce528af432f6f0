/** The thread of a compressed reader: reads the file, decompresses it, and hands the blocks over. */

import { openSync, readSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { createGunzip, type Gunzip } from "node:zlib";
import type { Compression } from "../../../job/manifest.js";
import { BLOCK_BYTES, RingWriter, type SharedRing } from "./block-ring.js";
import { zstd } from "./compression.js";
import { MAX_RATIO, MIN_REFUSED_BYTES, TOO_COMPRESSED } from "./decompressor-limits.js";

export interface DecompressorStart {
  readonly path: string;
  readonly compression: Compression;
  readonly ring: SharedRing;
}

const READ_BYTES = 256 * 1024;

const { path, compression, ring } = workerData as DecompressorStart;
const writer = new RingWriter(ring);

/** A stream that makes blocks of up to `BLOCK_BYTES`: larger ones are made faster. */
function newStream(): Gunzip {
  const options = { chunkSize: BLOCK_BYTES };
  const stream = compression === "gzip" ? createGunzip(options) : zstd.createZstdDecompress?.(options);
  if (stream === undefined) throw new Error(`this Node has no ${compression}`);
  return stream;
}

function run(): void {
  const descriptor = openSync(path, "r");
  const stream = newStream();
  let readBytes = 0;
  let madeBytes = 0;
  const feed = (): void => {
    const block = Buffer.allocUnsafe(READ_BYTES);
    const count = readSync(descriptor, block, 0, block.length, null);
    readBytes += count;
    if (count === 0) stream.end();
    else stream.write(block.subarray(0, count), feed);
  };
  stream.on("data", (block: Buffer) => {
    madeBytes += block.length;
    if (madeBytes > MIN_REFUSED_BYTES && madeBytes > MAX_RATIO * readBytes) {
      stream.destroy();
      writer.fail(TOO_COMPRESSED);
      return;
    }
    // Handed over in the next turn, the next block is made meanwhile.
    setImmediate(() => writer.write(block));
  });
  stream.on("end", () => setImmediate(() => writer.end()));
  stream.on("error", (error) => setImmediate(() => writer.fail(error.message)));
  feed();
}

try {
  run();
} catch (error) {
  writer.fail(error instanceof Error ? error.message : String(error));
}
