/**
 * What nodes tell each other about jobs by gossip: hints only. Whoever lacks what a hint speaks of fetches the record.
 */

import type { JobId, NodeId } from "../../base/ids.js";
import { JOB_STATES, type JobState } from "../../job/status.js";

/** A durable copy of the announced record, in this life of the node. */
export interface AnnouncedCopy {
  readonly node: NodeId;
  readonly incarnation: number;
}

/** The sender has this job's record in this state. */
export interface JobAnnouncement {
  readonly kind: "announce";
  readonly jobId: JobId;
  readonly state: JobState;
  readonly manifestDigest: string;
  /** Those that the sender knows of: who holds a copy need not make the same ones again. */
  readonly copies: readonly AnnouncedCopy[];
  /** The job was planned a moment ago: whoever owns spans of it may start them. */
  readonly isNew?: true;
}

export interface BeaconEntry {
  readonly jobId: JobId;
  readonly manifestDigest: string;
  /** Bytes and spans that the root has seen finished. */
  readonly doneBytes: number;
  readonly doneSpans: number;
}

/** The sender computes these jobs' roots right now. */
export interface Beacon {
  readonly kind: "beacon";
  readonly jobs: readonly BeaconEntry[];
}

/** The sender kept this job for its time, and will not take it again: whoever still has it may let it go. */
export interface Retirement {
  readonly kind: "retired";
  readonly jobId: JobId;
  readonly manifestDigest: string;
}

export type JobMessage = JobAnnouncement | Beacon | Retirement;

/** So many entries keep a beacon under the gossip cap of 64 KiB. */
export const MAX_BEACON_JOBS = 300;
/** Copies that one announcement names. */
export const MAX_COPIES = 64;

export const encodeJobMessage = (message: JobMessage): Uint8Array => new TextEncoder().encode(JSON.stringify(message));

/** Undefined for anything that is not a well-formed message. */
export function decodeJobMessage(bytes: Uint8Array): JobMessage | undefined {
  try {
    const message = JSON.parse(new TextDecoder().decode(bytes)) as (Partial<JobMessage> & object) | null;
    if (message?.kind === "announce") return isAnnouncement(message) ? message : undefined;
    if (message?.kind === "beacon") return isBeacon(message) ? message : undefined;
    if (message?.kind === "retired") return isRetirement(message) ? message : undefined;
    return undefined;
  } catch {
    return undefined;
  }
}

/** One beacon a second for all the jobs of a node, in as many messages as the cap asks for. */
export function beaconsOf(jobs: readonly BeaconEntry[]): readonly Beacon[] {
  const beacons: Beacon[] = [];
  for (let first = 0; first < jobs.length; first += MAX_BEACON_JOBS) {
    beacons.push({ kind: "beacon", jobs: jobs.slice(first, first + MAX_BEACON_JOBS) });
  }
  return beacons;
}

const isText = (value: unknown): value is string => typeof value === "string" && value.length <= 256;

const isAnnouncement = (message: Partial<JobAnnouncement>): message is JobAnnouncement =>
  isText(message.jobId) &&
  isText(message.manifestDigest) &&
  JOB_STATES.some((state) => state === message.state) &&
  Array.isArray(message.copies) &&
  message.copies.length <= MAX_COPIES &&
  message.copies.every(
    (copy: Partial<AnnouncedCopy> | null) => isText(copy?.node) && Number.isSafeInteger(copy.incarnation),
  );

const isRetirement = (message: Partial<Retirement>): message is Retirement =>
  isText(message.jobId) && isText(message.manifestDigest);

const isBeacon = (message: Partial<Beacon>): message is Beacon =>
  Array.isArray(message.jobs) &&
  message.jobs.length <= MAX_BEACON_JOBS &&
  message.jobs.every(
    (entry: Partial<BeaconEntry> | null) =>
      isText(entry?.jobId) &&
      isText(entry.manifestDigest) &&
      Number.isFinite(entry.doneBytes) &&
      Number.isFinite(entry.doneSpans),
  );
