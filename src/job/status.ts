/** A job's progress and end, as any node reports them. */

import type { JobId, NodeId } from "../base/ids.js";

/** Ordered as a lattice: a job only ever moves to a later one. */
export const JOB_STATES = ["RUNNING", "FAILED", "CANCELLED", "INCOMPLETE", "COMPLETED"] as const;
export type JobState = (typeof JOB_STATES)[number];

export const isTerminal = (state: JobState): boolean => state !== "RUNNING";

export interface JobStatus {
  readonly id: JobId;
  readonly state: JobState;
  readonly sql: string;
  /** Share of the job's bytes that the answer covers, or would cover now; 0 to 1. */
  readonly coverage: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  /** Spans finished and in all. */
  readonly chunksDone: number;
  readonly chunksTotal: number;
  /** Names of the members that the job runs on. */
  readonly nodes: readonly string[];
  /** Durable copies of the job's record that this node knows of. */
  readonly copies: number;
  /** Files that the answer lacks, or would lack now, as `NAME:path`; `NAME:glob` where nobody remembers which they are. */
  readonly missing: readonly string[];
  /** Holders that give their files, of `holdersTotal`: a node for each private source, one for a shared source. */
  readonly holders: number;
  readonly holdersTotal: number;
  readonly unparsed: number;
  readonly manifestDigest: string;
  /** The node that computes the root, as far as this node knows. */
  readonly root: NodeId | null;
  /** Why it failed; null otherwise. */
  readonly error: string | null;
  /** How far each node is with its part, where the root is computed; empty elsewhere. */
  readonly nodeProgress: readonly NodeProgress[];
}

export interface NodeProgress {
  /** Name of the member. */
  readonly node: string;
  readonly bytesDone: number;
  /** Bytes of the spans that are the node's. */
  readonly bytesTotal: number;
}
