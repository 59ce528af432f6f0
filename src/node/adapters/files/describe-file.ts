/** What a holder says of a file: its sizes, its format, the digests of its sampled pages. */

import { fstatSync, read, readSync } from "node:fs";
import { promisify } from "node:util";
import { digestOf } from "../../../base/digest.js";
import type { Digest } from "../../../base/ids.js";
import { SAMPLE_PAGE_BYTES, samplePagesOf } from "../../../job/vertex-key.js";
import type { FileDescription } from "../../ports/source-catalog.js";

/** A last line without a newline counts as complete once the file was left alone for this long. */
const QUIET_MS = 10_000;

const FORMAT_SAMPLE_BYTES = 128 * 1024;
const TAIL_BLOCK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

const readAt = promisify(read);

/** Names the format of a file by its beginning and the time of its last change. */
export type FormatDetector = (sample: { readonly bytes: Uint8Array; readonly referenceMs: number }) => string;

/** Describes an open file. Throws when it cannot be read, or shrinks meanwhile. */
export async function describeFile(
  descriptor: number,
  path: string,
  wallMs: number,
  detect: FormatDetector,
): Promise<FileDescription> {
  const { size, mtimeMs } = fstatSync(descriptor);
  const lastNewline = await endOfLastLine(descriptor, size);
  const isBeingWritten = wallMs - mtimeMs < QUIET_MS;
  const scanSize = isBeingWritten ? lastNewline : size;
  const sample = Buffer.alloc(Math.min(FORMAT_SAMPLE_BYTES, scanSize));
  await readFully(descriptor, sample, 0);
  return {
    path,
    size,
    scanSize,
    sealedSize: lastNewline,
    mtimeMs,
    format: detect({ bytes: sample, referenceMs: mtimeMs }),
    leafDigests: await leafDigestsOf(descriptor, scanSize),
  };
}

/** Offset after the last newline; 0 when there is none. */
async function endOfLastLine(descriptor: number, size: number): Promise<number> {
  const block = Buffer.alloc(Math.min(TAIL_BLOCK_BYTES, size));
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - block.length);
    const part = block.subarray(0, end - start);
    await readFully(descriptor, part, start);
    const newline = part.lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return 0;
}

async function leafDigestsOf(descriptor: number, fileBytes: number): Promise<readonly Digest[]> {
  const page = Buffer.alloc(SAMPLE_PAGE_BYTES);
  const digests: Digest[] = [];
  for (const { start, end } of samplePagesOf(fileBytes)) {
    const part = page.subarray(0, end - start);
    await readFully(descriptor, part, start);
    digests.push(digestOf(part));
  }
  return digests;
}

async function readFully(descriptor: number, target: Buffer, position: number): Promise<void> {
  for (let filled = 0; filled < target.length; ) {
    const { bytesRead } = await readAt(descriptor, target, filled, target.length - filled, position + filled);
    if (bytesRead === 0) throw new RangeError(`the file ends at ${position + filled}`);
    filled += bytesRead;
  }
}

/** The digests of a file's first `fileBytes` at once; undefined when it is shorter. */
export function leafDigestsNow(descriptor: number, fileBytes: number): readonly Digest[] | undefined {
  const page = Buffer.alloc(SAMPLE_PAGE_BYTES);
  const digests: Digest[] = [];
  for (const { start, end } of samplePagesOf(fileBytes)) {
    const part = page.subarray(0, end - start);
    if (readSync(descriptor, part, 0, part.length, start) < part.length) return undefined;
    digests.push(digestOf(part));
  }
  return digests;
}
