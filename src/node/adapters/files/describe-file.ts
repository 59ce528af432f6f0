/** What a holder says of a file: its sizes, its format, the digests of its sampled pages. Reads in place: see `inspector.ts`. */

import { fstatSync, readSync } from "node:fs";
import { digestOf } from "../../../base/digest.js";
import type { Digest } from "../../../base/ids.js";
import { detectFormat } from "../../../engine/formats/detect-format.js";
import { SAMPLE_PAGE_BYTES, samplePagesOf } from "../../../job/vertex-key.js";
import type { FileDescription, FileQuestion } from "../../ports/source-catalog.js";
import { compressionOf, sampleOf } from "./compression.js";

/** A last line without a newline counts as complete once the file was left alone for this long. */
const QUIET_MS = 10_000;

const FORMAT_SAMPLE_BYTES = 128 * 1024;
const TAIL_BLOCK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/** Describes an open file. Throws when it cannot be read, is compressed in a way that cannot be, or shrinks meanwhile. */
export function describeFile(
  descriptor: number,
  path: string,
  { wallMs, detail }: { readonly wallMs: number; readonly detail: FileQuestion["detail"] },
): FileDescription {
  const { size, mtimeMs } = fstatSync(descriptor);
  const head = Buffer.alloc(Math.min(FORMAT_SAMPLE_BYTES, size));
  readFully(descriptor, head, 0);
  const compression = compressionOf(path, head);
  const format = (bytes: Uint8Array): string => detectFormat({ bytes, referenceMs: mtimeMs }).format;
  const digests = (bytes: number): readonly Digest[] => (detail === "names" ? [] : digestsOf(descriptor, bytes));
  if (compression !== undefined) {
    // No newline of what is in it can be found without reading all of it: it counts as it is, and never as sealed.
    const sample = sampleOf(path, compression, head, FORMAT_SAMPLE_BYTES);
    const sizes = { size, scanSize: size, sealedSize: 0 };
    return { path, ...sizes, mtimeMs, compression, format: format(sample), leafDigests: digests(size) };
  }
  const lastNewline = endOfLastLine(descriptor, size);
  const isBeingWritten = wallMs - mtimeMs < QUIET_MS;
  const scanSize = isBeingWritten ? lastNewline : size;
  return {
    path,
    size,
    scanSize,
    sealedSize: lastNewline,
    mtimeMs,
    format: format(head.subarray(0, scanSize)),
    leafDigests: digests(scanSize),
  };
}

/** Offset after the last newline; 0 when there is none. */
function endOfLastLine(descriptor: number, size: number): number {
  const block = Buffer.alloc(Math.min(TAIL_BLOCK_BYTES, size));
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - block.length);
    const part = block.subarray(0, end - start);
    readFully(descriptor, part, start);
    const newline = part.lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return 0;
}

/** The digests of the sampled pages of a file's first `fileBytes`. Throws when it is shorter. */
export function digestsOf(descriptor: number, fileBytes: number): readonly Digest[] {
  const page = Buffer.alloc(SAMPLE_PAGE_BYTES);
  return samplePagesOf(fileBytes).map(({ start, end }) => {
    const part = page.subarray(0, end - start);
    readFully(descriptor, part, start);
    return digestOf(part);
  });
}

function readFully(descriptor: number, target: Uint8Array, position: number): void {
  for (let filled = 0; filled < target.length; ) {
    const count = readSync(descriptor, target, filled, target.length - filled, position + filled);
    if (count === 0) throw new RangeError(`the file ends at ${position + filled}`);
    filled += count;
  }
}
