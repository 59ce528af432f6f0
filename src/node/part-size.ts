/** How large the parts are in which many groups are merged, as people write it. */

import { parseByteSize } from "../base/byte-size.js";
import type { Protocol } from "../cluster/protocol.js";

const KIB = 1024;
/** Less than the rows of a few groups: everything would be merged in as many parts as there can be. */
const LEAST_BYTES = KIB;
/** Each is in the memory of one node, with what is merged into it. */
const MOST_BYTES = 1024 * 1024 * KIB;
/** So many partials of the largest size that is still sent whole make a part. */
const INLINE_SHARE = 32;

/** For messages about a size that {@link parsePartSize} refuses. */
export const PART_SIZE_HINT = "it is a size from 1KiB to 1GiB, such as 32MiB";

export function parsePartSize(text: string): number | undefined {
  const bytes = parseByteSize(text);
  return bytes !== undefined && bytes >= LEAST_BYTES && bytes <= MOST_BYTES ? Math.floor(bytes) : undefined;
}

/** The limits that follow from it; the protocol's own without one. */
export const partLimits = (partBytes: number | undefined): Partial<Protocol> =>
  partBytes === undefined ? {} : { partBytes, inlineBytes: Math.floor(partBytes / INLINE_SHARE) };
