/** How a scan is cut into chunks: what a thread takes at a time, and what is lost and suspected when it dies. */

import type { ScanRange } from "../../ports/map-pool.js";
import { isStream } from "./scanning.js";

/** What of a range decides how it is cut and shared. */
export type ScanSource = Pick<ScanRange, "realPath" | "compression" | "start" | "end">;

/**
 * Small enough that threads finish together and that little is left out with a chunk that nobody survives; large enough
 * that the line cut at each border costs nothing.
 */
const CHUNK_BYTES = 4 * 1024 * 1024;

/** Cuts ranges, in order; streams stay whole. */
export function chunksOf<Source extends ScanSource>(ranges: readonly Source[]): readonly Source[] {
  return ranges.flatMap((range) => {
    if (isStream(range)) return [range];
    const chunks: Source[] = [];
    for (let { start } = range; start < range.end; start += CHUNK_BYTES) {
      chunks.push({ ...range, start, end: Math.min(start + CHUNK_BYTES, range.end) });
    }
    return chunks;
  });
}
