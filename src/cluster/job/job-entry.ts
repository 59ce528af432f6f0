/** What one node knows and remembers of one job. */

import type { JobId, NodeId } from "../../base/ids.js";
import { isTerminal } from "../../job/status.js";
import { lifeOf, type Member, type View } from "../member.js";
import { successorsOf } from "../placement/successors.js";
import type { Protocol } from "../protocol.js";
import { copyPlacesOf } from "./copy-places.js";
import type { Caller, ClientWish } from "./job-events.js";
import { type AnnouncedCopy, type JobAnnouncement, MAX_COPIES } from "./job-messages.js";
import { type JobRecord, jobIdOfRecord, recordVersion } from "./job-record.js";

/** Where a durable copy is known to be: which version, and an incarnation of the life of the node that has it. */
export interface Copy {
  readonly version: string;
  readonly incarnation: number;
}

export interface PendingSubmit {
  readonly caller: Caller;
  /** Copies asked for with `--durability`; undefined without it. */
  readonly wanted: number | undefined;
  readonly sinceMs: number;
}

export interface WaitingClient {
  readonly caller: Caller;
  readonly wish: ClientWish;
  /** The last status that a watcher was told, as text. */
  told: string;
}

export interface JobEntry {
  readonly id: JobId;
  /** The join of everything seen. */
  record: JobRecord;
  /** What clients and other nodes are shown: a terminal record only once it has its durable copies. */
  shown: JobRecord;
  /** Whether this node keeps the record on disk and sees to its copies; otherwise it only works for the job. */
  kept: boolean;
  /** Whether the current version was made here: its maker sees to the copies first, those who got one only later. */
  isMaker: boolean;
  readonly copies: Map<NodeId, Copy>;
  /** Who said of the current version that it cannot keep it: its disk is full or broken. It is asked again all the same. */
  readonly refusals: Set<NodeId>;
  /** The places in which every successor has confirmed the current version: until either changes there is nothing to send. */
  settledIn: string | undefined;
  /** When the current version was last sent to a successor. */
  readonly sentAtMs: Map<NodeId, number>;
  /** When the job was first known here to have ended, and was shown so. */
  endedAtMs: number | undefined;
  /** How long an earlier life of this node kept it after its end. */
  agedMs: number;
  doneBytes: number;
  doneSpans: number;
  /** Who was last heard to compute the root. */
  root: NodeId | null;
  /** When published coverage last grew, or the job became known. */
  grownAtMs: number;
  /** When someone was last heard to run the job; -Infinity if never. */
  beaconAtMs: number;
  rootHere: boolean;
  /** Known from the announcement of its plan: nobody has done much of it. */
  isNew: boolean;
  working: boolean;
  /** The deadline has passed, and the root here gathers what there is. */
  covering: boolean;
  refreshedAtMs: number;
  readonly submits: PendingSubmit[];
  readonly clients: WaitingClient[];
  readonly confirmations: { readonly caller: Caller; readonly version: string }[];
}

export function createEntry(record: JobRecord, nowMs: number): JobEntry {
  return {
    id: jobIdOfRecord(record),
    record,
    shown: record,
    kept: false,
    isMaker: false,
    copies: new Map(),
    refusals: new Set(),
    settledIn: undefined,
    sentAtMs: new Map(),
    endedAtMs: undefined,
    agedMs: 0,
    doneBytes: 0,
    doneSpans: 0,
    root: null,
    grownAtMs: nowMs,
    beaconAtMs: Number.NEGATIVE_INFINITY,
    rootHere: false,
    isNew: false,
    working: false,
    covering: false,
    refreshedAtMs: nowMs,
    submits: [],
    clients: [],
    confirmations: [],
  };
}

/**
 * Durable copies of the record's current version that this node knows of, its own included. What a node had in an earlier
 * life does not count: it may have lost its disk.
 */
export function copiesOf(entry: JobEntry, view: View): number {
  const version = recordVersion(entry.record);
  let copies = 0;
  for (const [node, copy] of entry.copies) {
    if (copy.version === version && isOfThisLife(node, copy, view)) copies += 1;
  }
  return copies;
}

function isOfThisLife(node: NodeId, copy: Copy, view: View): boolean {
  if (node === view.self) return true;
  const member = view.members.find(({ id }) => id === node);
  return member !== undefined && lifeOf(member.incarnation) === lifeOf(copy.incarnation);
}

/** The news of a job's record as it is shown, with the copies of it that are known. */
export function announcementOf(entry: JobEntry, view: View): JobAnnouncement {
  const { state, manifestDigest } = entry.shown;
  const version = recordVersion(entry.shown);
  const copies: AnnouncedCopy[] = [];
  for (const [node, copy] of entry.copies) {
    const incarnation = view.members.find((member) => member.id === node)?.incarnation;
    if (copy.version !== version || incarnation === undefined || !isOfThisLife(node, copy, view)) continue;
    copies.push({ node, incarnation });
  }
  return { kind: "announce", jobId: entry.id, state, manifestDigest, copies: copies.slice(0, MAX_COPIES) };
}

export const aliveMembers = (view: View): readonly Member[] =>
  view.members.filter((member) => member.state === "alive");

/**
 * Copies that a record needs before it is acknowledged or shown as ended: two, or as many as there are members asked whose
 * disks take one. Where all refuse it is none: the job is answered all the same, and how many copies there are is shown.
 */
export function neededCopies(entry: JobEntry, view: View, protocol: Protocol): number {
  const asked = new Set([view.self, ...successorsOf(entry.id, view, copyTargets(entry, protocol))]);
  const able = [...asked].filter((id) => !entry.refusals.has(id)).length;
  return Math.min(protocol.acknowledgeCopies, able);
}

/** The ring successors that should hold the record: K, or as many as the submitter asked copies for. */
export const copyTargets = (entry: JobEntry, protocol: Protocol): number =>
  Math.max(protocol.recordCopies, entry.record.manifest.request.durability ?? 0);

export const isRunning = (entry: JobEntry): boolean => !isTerminal(entry.record.state);

/** Whether time alone may change something for those who ask or wait. */
export const isRestless = (entry: JobEntry): boolean =>
  isRunning(entry) || entry.shown !== entry.record || entry.submits.length > 0;

/** Whether some successor has not confirmed the current version. */
export const lacksCopies = (entry: JobEntry, view: View): boolean =>
  entry.kept && entry.settledIn !== copyPlacesOf(view);
