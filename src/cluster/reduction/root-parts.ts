/**
 * A root that is too large for one node: the groups are cut into parts by their hashes, each merged by a member of its own
 * from slices of what the root is made of. A member sends no more of its part than can be in the answer, so that the root's
 * node is left with the last selection among those.
 */

import type { Digest, VertexKey } from "../../base/ids.js";
import { type FinishedVertex, hashParts, MAX_PART_BITS } from "../../job/hash-part.js";
import type { Protocol } from "../protocol.js";
import type { JobContext } from "./job-context.js";
import { VertexFetch } from "./vertex-fetch.js";
import { keyOfWant } from "./vertex-want.js";

/** Slices of one job, at most: each is a request of its own, and costs its two nodes about a millisecond. */
const MAX_SLICES = 4096;

/** Parts that are asked for at a time. */
const OPEN_PARTS = 32;

/**
 * Into how many parts, as a power of two, values of these sizes are cut: it follows from them alone. 0 where one node merges
 * them well.
 */
export function partBitsFor(finished: readonly FinishedVertex[], { partBytes }: Pick<Protocol, "partBytes">): number {
  const bytes = finished.reduce((sum, each) => sum + each.bytes, 0);
  const wanted = Math.ceil(Math.log2(Math.max(1, bytes / partBytes)));
  const most = Math.floor(Math.log2(MAX_SLICES / Math.max(1, finished.length)));
  return Math.max(0, Math.min(wanted, most, MAX_PART_BITS));
}

export class RootParts {
  readonly context: JobContext;
  readonly fetches: readonly VertexFetch[];
  /** Of what the parts merge to. */
  readonly key: VertexKey;
  isOver = false;

  constructor(context: JobContext, finished: readonly FinishedVertex[], bits: number, finish: Digest) {
    const { root } = context;
    this.context = context;
    this.key = keyOfWant(context.keyOf(root), { kind: "answer", finish });
    this.fetches = hashParts(bits).map((part) => {
      return new VertexFetch(context, root, undefined, { kind: "part", part, finished, finish });
    });
  }

  /** Those that may be asked for now. */
  get wanted(): readonly VertexFetch[] {
    return this.fetches.filter((fetch) => !fetch.isDone).slice(0, OPEN_PARTS);
  }

  get isComplete(): boolean {
    return this.fetches.every((fetch) => fetch.isDone);
  }
}
