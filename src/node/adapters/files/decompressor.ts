/**
 * The thread of a compressed reader: reads the file, decompresses it, and hands the blocks over. It may be started before
 * the file is known.
 */

import { openSync, readSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { Inflater } from "../../../engine/kernels/inflater.js";
import { compileKernels, Kernels } from "../../../engine/kernels/kernels.js";
import type { Compression } from "../../../job/manifest.js";
import { RingWriter, type SharedRing } from "./block-ring.js";
import { MAX_RATIO, MIN_REFUSED_BYTES, TOO_COMPRESSED } from "./decompressor-limits.js";
import { type BlockSink, GzipMembers } from "./gzip-members.js";
import { decompressZstd } from "./zstd-blocks.js";

export interface DecompressorStart {
  readonly path: string;
  readonly compression: Compression;
  readonly ring: SharedRing;
}

/** Reads and decompresses one file; how it ends, the ring says. */
function decompress({ path, compression, ring }: DecompressorStart): void {
  const writer = new RingWriter(ring);
  let readBytes = 0;
  let madeBytes = 0;
  /** Hands blocks over as long as they are not far larger than what they were made of. */
  const sink: BlockSink = {
    waitForRoom: () => writer.waitForRoom(),
    take: (block, check) => {
      madeBytes += block.bytes;
      if (madeBytes > MIN_REFUSED_BYTES && madeBytes > MAX_RATIO * readBytes) throw new Error(TOO_COMPRESSED);
      writer.take(block, check);
    },
  };
  const fail = (error: unknown): void => writer.fail(error instanceof Error ? error.message : String(error));
  try {
    const descriptor = openSync(path, "r");
    const read = (target: Uint8Array): number => {
      const count = readSync(descriptor, target, 0, target.length, null);
      readBytes += count;
      return count;
    };
    if (compression === "gzip") {
      const inflater = new Inflater(Kernels.instantiate(compileKernels(), ring.memory));
      new GzipMembers(inflater, read, sink).run();
      writer.end();
    } else {
      decompressZstd({ read, memory: ring.memory, sink, onEnd: () => writer.end(), onError: fail });
    }
  } catch (error) {
    fail(error);
  }
}

parentPort?.once("message", decompress);
