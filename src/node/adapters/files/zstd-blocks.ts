/** A zstd file as blocks of what is in it, which Node makes. */

import type { Gunzip } from "node:zlib";
import { BLOCKS } from "./block-ring.js";
import { zstd } from "./compression.js";
import type { BlockSink } from "./gzip-members.js";

const READ_BYTES = 256 * 1024;
/** Larger blocks are made faster; so many of them fit the shared memory. */
const BLOCK_BYTES = 256 * 1024;

interface ZstdTask {
  /** Puts the next bytes of the file into a target; 0 at its end. */
  readonly read: (target: Uint8Array) => number;
  /** Where the blocks are put. */
  readonly memory: WebAssembly.Memory;
  readonly sink: BlockSink;
  readonly onEnd: () => void;
  readonly onError: (error: unknown) => void;
}

/** Decompresses in later turns. What the sink throws ends it too. */
export function decompressZstd({ read, memory, sink, onEnd, onError }: ZstdTask): void {
  const stream: Gunzip | undefined = zstd.createZstdDecompress?.({ chunkSize: BLOCK_BYTES });
  if (stream === undefined) throw new Error("this Node has no zstd");
  const bytes = new Uint8Array(memory.buffer);
  let blocks = 0;
  let isOver = false;
  const feed = (): void => {
    const block = Buffer.allocUnsafe(READ_BYTES);
    const count = read(block);
    if (count === 0) stream.end();
    else stream.write(block.subarray(0, count), feed);
  };
  /** In the next turn: the next block is made meanwhile. */
  const later = (act: () => void): void => {
    setImmediate(() => {
      if (isOver) return;
      try {
        act();
      } catch (error) {
        isOver = true;
        stream.destroy();
        onError(error);
      }
    });
  };
  stream.on("data", (block: Buffer) => {
    later(() => {
      sink.waitForRoom();
      const start = (blocks % BLOCKS) * BLOCK_BYTES;
      blocks += 1;
      bytes.set(block, start);
      sink.take({ start, bytes: block.length });
    });
  });
  stream.on("end", () => later(onEnd));
  stream.on("error", (error) => later(() => onError(error)));
  feed();
}
