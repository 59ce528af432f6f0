/** The largest cap on its result that a node takes a job with, as people write it. */

import { parseByteSize } from "../base/byte-size.js";
import type { Protocol } from "../cluster/protocol.js";
import { DEFAULT_MAX_RESULT_BYTES } from "../job/request.js";

/** A request that names no cap is taken by every node. */
const LEAST_BYTES = DEFAULT_MAX_RESULT_BYTES;
/** A result is one value in memory, in the store, and on its way to the nodes that keep it. */
const MOST_BYTES = 2 ** 30;

/** For messages about a size that {@link parseResultCap} refuses. */
export const RESULT_CAP_HINT = "it is a size from 64MiB to 1GiB, such as 256MiB";

export function parseResultCap(text: string): number | undefined {
  const bytes = parseByteSize(text);
  return bytes !== undefined && bytes >= LEAST_BYTES && bytes <= MOST_BYTES ? Math.floor(bytes) : undefined;
}

/** The limit that follows from it; the protocol's own without one. */
export const resultLimit = (maxResultBytes: number | undefined): Partial<Protocol> =>
  maxResultBytes === undefined ? {} : { maxResultBytes };
