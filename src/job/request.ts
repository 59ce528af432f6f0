/** What a client asks for. A job is its client key: the same key with the same request is the same job. */

import { canonicalJson } from "../base/canonical-json.js";
import { digestOf } from "../base/digest.js";
import type { Digest, JobId } from "../base/ids.js";

export interface JobRequest {
  readonly sql: string;
  /** A format's name; detected per file when absent. */
  readonly format?: string;
  /** Only rows with `time` at or after it; milliseconds since 1970 UTC. */
  readonly sinceMs?: number;
  /** Only rows with `time` before it; milliseconds since 1970 UTC. */
  readonly untilMs?: number;
  readonly allowIncomplete: boolean;
  /** How long the job may wait for what is missing: time in which its coverage does not grow. */
  readonly deadlineMs: number;
  /** Cap on the encoded result. */
  readonly maxResultBytes: number;
  /** Durable copies the acknowledgement must state; without it min(2, members) are waited for, but fewer are accepted. */
  readonly durability?: number;
  /** Holders that the answer needs in all, as the submitter knows; fewer count as missing. */
  readonly expectHolders?: number;
  /** Its share of the scanning threads beside other jobs; normal when absent. */
  readonly priority?: JobPriority;
}

export const JOB_PRIORITIES = ["low", "normal", "high"] as const;
export type JobPriority = (typeof JOB_PRIORITIES)[number];

export const DEFAULT_DEADLINE_MS = 600_000;
export const DEFAULT_MAX_RESULT_BYTES = 64 * 1024 * 1024;

export const requestDigest = (request: JobRequest): Digest => digestOf(canonicalJson(request));

/** The job's id. The key is hashed, so that ids are short, safe in paths and spread over the ring. */
export const jobIdOf = (clientKey: string): JobId => digestOf("logmr job\0", clientKey).slice(0, 20) as JobId;
