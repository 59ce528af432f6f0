/** How much memory the groups of all threads may take, by default and as people write it. */

import { totalmem } from "node:os";
import { parseByteSize } from "../base/byte-size.js";

const MIB = 2 ** 20;
const GIB = 2 ** 30;
/** What the threads work with besides takes as much. */
const LEAST_BYTES = 64 * MIB;
/** A default for a machine that does something else too. */
const MOST_DEFAULT_BYTES = 4 * GIB;
/** The address space of a thread's kernels ends at 4 GiB, and holds more than groups. */
const MOST_THREAD_BYTES = 3 * GIB;

/** For messages about a size that {@link parseMemorySize} refuses. */
export const MEMORY_SIZE_HINT = "it is a size of 64MiB or more, such as 512MB or 4GiB";

/** Bytes of a size that is large enough to work with; undefined for anything else. */
export function parseMemorySize(text: string): number | undefined {
  const bytes = parseByteSize(text);
  return bytes !== undefined && bytes >= LEAST_BYTES && Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Half of what the machine or the container has, between 64 MiB and 4 GiB. */
export function defaultMemoryBytes(): number {
  // 0, or more than there is, where nothing confines the process.
  const confinedBytes = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  const halfBytes = Math.floor(Math.min(totalmem(), confinedBytes) / 2);
  return Math.min(MOST_DEFAULT_BYTES, Math.max(LEAST_BYTES, halfBytes));
}

/** The share of one of `threads`. */
export const threadMemoryBytes = (memoryBytes: number, threads: number): number =>
  Math.min(MOST_THREAD_BYTES, Math.floor(memoryBytes / threads));
