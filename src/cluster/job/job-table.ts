/** The jobs that one node knows, and what follows from each change of one: copies, answers, work begun and ended. */

import type { JobId } from "../../base/ids.js";
import { isTerminal } from "../../job/status.js";
import type { View } from "../member.js";
import type { Protocol } from "../protocol.js";
import { aliveMembers, createEntry, isRunning, type JobEntry } from "./job-entry.js";
import type { Caller, JobEffect } from "./job-events.js";
import type { Retirement } from "./job-messages.js";
import { type JobRecord, jobIdOfRecord, mergeRecords, recordVersion, runningRecord } from "./job-record.js";
import { isRootDue } from "./root-watch.js";
import { settle } from "./settle.js";

/** So many ended jobs are remembered by id alone, so that late hints do not bring them back. */
const MAX_ENDED = 10_000;

export class JobTable {
  readonly #protocol: Protocol;
  readonly #entries = new Map<JobId, JobEntry>();
  readonly #ended = new Set<JobId>();
  /** Jobs that were kept for their time: their records, by manifest, are not taken again. */
  readonly #tombstones = new Map<JobId, string>();
  /** Jobs that run, or whose end is not shown yet. */
  readonly #active = new Set<JobId>();
  view: View;
  joined: boolean;
  /** When this node met the first member of its cluster; long ago for one that did not have to. */
  joinedAtMs = Number.NEGATIVE_INFINITY;
  /** What the methods below ask for, in order; whoever drives the table takes it away. */
  effects: JobEffect[] = [];

  constructor(view: View, joined: boolean, protocol: Protocol) {
    this.view = view;
    this.joined = joined;
    this.#protocol = protocol;
  }

  get(id: JobId): JobEntry | undefined {
    return this.#entries.get(id);
  }

  all(): readonly JobEntry[] {
    return [...this.#entries.values()];
  }

  get isBusy(): boolean {
    return this.#active.size > 0;
  }

  /** The running jobs whose root is computed here. */
  rootsHere(): readonly JobEntry[] {
    const active = [...this.#active].flatMap((id) => this.#entries.get(id) ?? []);
    return active.filter((entry) => entry.rootHere && isRunning(entry));
  }

  hasEnded(id: JobId): boolean {
    return this.#ended.has(id);
  }

  /** Starts, takes over and ends this node's work for a job. */
  direct(nowMs: number, entry: JobEntry): void {
    if (!isRunning(entry)) {
      if (entry.working) this.effects.push({ kind: "rest", jobId: entry.id });
      entry.working = false;
      entry.rootHere = false;
      return;
    }
    const { id, root, isNew, beaconAtMs, grownAtMs } = entry;
    const { rankDelayMs } = this.#protocol;
    const hearsRoot = root !== null && root !== this.view.self && nowMs - beaconAtMs < rankDelayMs;
    const isElsewhere = hearsRoot || (!isNew && nowMs - this.joinedAtMs < rankDelayMs);
    const takesRoot =
      !entry.rootHere && isRootDue({ id, isElsewhere }, this.view, this.joined, nowMs - grownAtMs, this.#protocol);
    const wanted = entry.rootHere || takesRoot || nowMs - entry.beaconAtMs < this.#protocol.beaconLifeMs;
    if (takesRoot) entry.root = this.view.self;
    entry.rootHere ||= takesRoot;
    if (wanted && (takesRoot || !entry.working)) {
      this.work(entry);
    } else if (!wanted && entry.working) {
      this.effects.push({ kind: "rest", jobId: entry.id });
    }
    entry.working = wanted;
  }

  work({ id, record, rootHere, isNew }: JobEntry): void {
    this.effects.push({ kind: "work", jobId: id, record, root: rootHere, isNew });
  }

  /** Joins a record into what is known, which may be nothing. */
  adopt(nowMs: number, record: JobRecord): JobEntry {
    const id = jobIdOfRecord(record);
    const known = this.#entries.get(id);
    if (known !== undefined) {
      this.improve(known, record);
      return known;
    }
    const entry = createEntry(record, nowMs);
    this.#entries.set(id, entry);
    this.#ended.delete(id);
    if (!isRunning(entry)) entry.shown = runningRecord(record.manifest);
    else if (aliveMembers(this.view).length > 1) entry.beaconAtMs = nowMs;
    return entry;
  }

  improve(entry: JobEntry, record: JobRecord): void {
    const before = entry.record;
    if (recordVersion(record) === recordVersion(before)) return;
    entry.record = mergeRecords(before, record);
    if (entry.record === before) return;
    entry.sentAtMs.clear();
    entry.isMaker = false;
    entry.settledIn = undefined;
    if (entry.record.manifestDigest !== before.manifestDigest && isRunning(entry)) this.#supersede(entry);
  }

  /** The other side of a split planned the manifest that stays: work starts over with it. */
  #supersede(entry: JobEntry): void {
    if (entry.working) this.effects.push({ kind: "rest", jobId: entry.id });
    entry.working = false;
    entry.rootHere = false;
    entry.covering = false;
    entry.doneBytes = 0;
    entry.doneSpans = 0;
  }

  /** A new version of the record, made here: it is kept, copied and acted upon. */
  make(nowMs: number, entry: JobEntry, record: JobRecord): void {
    this.improve(entry, record);
    entry.kept = true;
    entry.isMaker = entry.record === record;
    this.settle(nowMs, entry);
    this.direct(nowMs, entry);
  }

  /** Lets an ended job go whose time is over, and one that was only fetched for a client when nobody asks again. */
  age(nowMs: number, entry: JobEntry): void {
    if (isRunning(entry) || entry.shown !== entry.record) {
      entry.endedAtMs = undefined;
      return;
    }
    entry.endedAtMs ??= nowMs;
    const lifeMs = entry.kept ? this.#protocol.retentionMs : this.#protocol.fetchedMs;
    if (nowMs - entry.endedAtMs < lifeMs) return;
    if (entry.kept) this.#retire(entry);
    else this.drop(entry);
  }

  /** A peer kept a job for its time. */
  onRetired({ jobId, manifestDigest }: Retirement): void {
    const entry = this.#entries.get(jobId);
    if (entry?.record.manifestDigest === manifestDigest && !isRunning(entry)) this.#retire(entry);
  }

  /** Says no to a copy of what was kept here for its time already, and tells whoever still has it. */
  refusesRetired(caller: Caller, record: JobRecord): boolean {
    const jobId = jobIdOfRecord(record);
    const { manifestDigest } = record;
    // Another run under the same key is another record.
    if (!isTerminal(record.state) || this.#tombstones.get(jobId) !== manifestDigest) return false;
    const message = { kind: "retired" as const, jobId, manifestDigest };
    this.effects.push({ kind: "confirm", caller, durable: false }, { kind: "publish", message });
    return true;
  }

  #retire(entry: JobEntry): void {
    this.drop(entry);
    this.#tombstones.set(entry.id, entry.record.manifestDigest);
    forgetOldest(this.#tombstones);
    this.effects.push({ kind: "delete", jobId: entry.id });
  }

  drop(entry: JobEntry): void {
    if (entry.working) this.effects.push({ kind: "rest", jobId: entry.id });
    this.#entries.delete(entry.id);
    this.#active.delete(entry.id);
    this.#ended.add(entry.id);
    forgetOldest(this.#ended);
  }

  settle(nowMs: number, entry: JobEntry): void {
    this.effects.push(...settle(entry, this.view, this.#protocol, nowMs));
    if (isRunning(entry) || entry.shown !== entry.record) this.#active.add(entry.id);
    else this.#active.delete(entry.id);
  }
}

function forgetOldest(remembered: Set<JobId> | Map<JobId, string>): void {
  for (const oldest of remembered.keys()) {
    if (remembered.size <= MAX_ENDED) return;
    remembered.delete(oldest);
  }
}
