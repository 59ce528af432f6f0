/** A job that this node works for, and the pulls that it has open at peers. */

import type { VertexKey } from "../../base/ids.js";
import type { Cover } from "./cover.js";
import type { JobContext } from "./job-context.js";
import type { RootParts } from "./root-parts.js";
import type { Attempt, VertexFetch } from "./vertex-fetch.js";

export interface RunningJob {
  readonly context: JobContext;
  readonly digest: string;
  /** Set where this node computes the root. */
  root: VertexFetch | undefined;
  /** Set where the root is too large to be merged here. */
  parts: RootParts | undefined;
  /** How often its parts were of no use. */
  partFailures: number;
  /** Values here that others cut slices from. */
  readonly lent: Set<VertexKey>;
  lentBytes: number;
  /** Set once the deadline has passed at the root, and an incomplete answer is allowed. */
  cover: Cover | undefined;
  /** Its own spans were started unasked. */
  hasForesight: boolean;
  /** The progress that the job core was last told. */
  told: string;
}

export const runningJob = (context: JobContext, digest: string): RunningJob => ({
  context,
  digest,
  root: undefined,
  parts: undefined,
  partFailures: 0,
  lent: new Set(),
  lentBytes: 0,
  cover: undefined,
  hasForesight: false,
  told: "",
});

export interface OpenPull {
  readonly fetch: VertexFetch;
  readonly attempt: Attempt;
}
