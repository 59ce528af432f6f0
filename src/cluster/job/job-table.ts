/** The jobs that one node knows, and what follows from each change of one: copies, answers, work begun and ended. */

import type { JobId } from "../../base/ids.js";
import type { JobStatus } from "../../job/status.js";
import type { View } from "../member.js";
import type { Protocol } from "../protocol.js";
import { EndedJobs } from "./ended-jobs.js";
import { aliveMembers, createEntry, isRunning, type JobEntry } from "./job-entry.js";
import type { Caller, JobEffect } from "./job-events.js";
import type { JobMemory } from "./job-memory.js";
import type { Retirement } from "./job-messages.js";
import { type JobRecord, jobIdOfRecord, mergeRecords, recordVersion, runningRecord } from "./job-record.js";
import { type DoneByNode, statusOf } from "./job-status.js";
import { isRootDue } from "./root-watch.js";
import { settle } from "./settle.js";

export class JobTable {
  readonly #protocol: Protocol;
  readonly #entries = new Map<JobId, JobEntry>();
  readonly #ended: EndedJobs;
  readonly #doneByNode: DoneByNode;
  /** Jobs that run, or whose end is not shown yet. */
  readonly #active = new Set<JobId>();
  view: View;
  joined: boolean;
  /** When this node met the first member of its cluster; long ago for one that did not have to. */
  joinedAtMs = Number.NEGATIVE_INFINITY;
  /** This node goes: it begins nothing, and whoever else has a job takes it on. */
  isLeaving = false;
  /** What the methods below ask for, in order; whoever drives the table takes it away. */
  effects: JobEffect[] = [];

  constructor(view: View, joined: boolean, protocol: Protocol, doneByNode: DoneByNode) {
    this.#doneByNode = doneByNode;
    this.view = view;
    this.joined = joined;
    this.#protocol = protocol;
    this.#ended = new EndedJobs(protocol);
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

  /** How many jobs run, or have not shown their end yet. */
  get activeJobs(): number {
    return this.#active.size;
  }

  /** Whether everything that this node keeps has its copies at other nodes, or there is nobody to have them. */
  get isHandedOver(): boolean {
    if (!aliveMembers(this.view).some((member) => member.id !== this.view.self)) return true;
    return this.all().every((entry) => !entry.kept || entry.settledIn === this.view);
  }

  /** Whether a running job reads files that only this node has. */
  get isNeeded(): boolean {
    const { self } = this.view;
    return this.all().some(
      (entry) => isRunning(entry) && entry.record.manifest.files.some(({ node }) => node === self),
    );
  }

  /** The running jobs whose root is computed here. */
  rootsHere(): readonly JobEntry[] {
    const active = [...this.#active].flatMap((id) => this.#entries.get(id) ?? []);
    return active.filter((entry) => entry.rootHere && isRunning(entry));
  }

  hasEnded(id: JobId): boolean {
    return this.#ended.isGone(id);
  }

  statusOf(entry: JobEntry): JobStatus {
    return statusOf(entry, this.view, this.#doneByNode);
  }

  /** Starts, takes over and ends this node's work for a job. */
  direct(nowMs: number, entry: JobEntry): void {
    if (!isRunning(entry)) {
      if (entry.working) this.effects.push({ kind: "rest", jobId: entry.id });
      entry.working = false;
      entry.rootHere = false;
      return;
    }
    if (this.isLeaving) entry.rootHere = false;
    const takesRoot = !this.isLeaving && !entry.rootHere && this.#isRootDue(nowMs, entry);
    const isAnnounced = nowMs - entry.beaconAtMs < this.#protocol.beaconLifeMs;
    const wanted = entry.rootHere || takesRoot || (isAnnounced && !this.isLeaving);
    if (takesRoot) entry.root = this.view.self;
    entry.rootHere ||= takesRoot;
    if (wanted && (takesRoot || !entry.working)) {
      this.work(entry);
    } else if (!wanted && entry.working) {
      this.effects.push({ kind: "rest", jobId: entry.id });
    }
    entry.working = wanted;
  }

  #isRootDue(nowMs: number, { id, record, root, isNew, beaconAtMs, grownAtMs }: JobEntry): boolean {
    const { rankDelayMs } = this.#protocol;
    const isThere = this.view.members.some((member) => member.id === root && member.state === "alive");
    const hearsRoot = isThere && root !== this.view.self && nowMs - beaconAtMs < rankDelayMs;
    const isElsewhere = hearsRoot || (!isNew && nowMs - this.joinedAtMs < rankDelayMs);
    const { semanticsVersion } = record.manifest;
    return isRootDue({ id, isElsewhere, semanticsVersion }, this.view, this.joined, nowMs - grownAtMs, this.#protocol);
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
    this.#ended.returned(id);
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
    entry.refusals.clear();
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
    if (entry.endedAtMs === undefined) {
      entry.endedAtMs = nowMs - entry.agedMs;
      for (const surplus of this.#ended.surplus(this.all())) this.#letGo(surplus);
    }
    if (!this.#ended.isOver(entry, nowMs) || this.#entries.get(entry.id) !== entry) return;
    if (entry.kept) this.#retire(entry);
    else this.drop(entry);
  }

  /** What an earlier life of this node knew of the jobs that had ended. */
  recall(memory: JobMemory): void {
    this.#ended.recall(memory);
  }

  /** Writes down what the next life needs to know of the jobs that have ended. */
  remember(nowMs: number): void {
    const memory = this.#ended.memory(this.all(), nowMs, this.isLeaving);
    if (memory !== undefined) this.effects.push({ kind: "remember-jobs", memory });
  }

  /** A peer kept a job for its time. */
  onRetired({ jobId, manifestDigest }: Retirement): void {
    const entry = this.#entries.get(jobId);
    if (entry?.record.manifestDigest === manifestDigest && !isRunning(entry)) this.#retire(entry);
  }

  /** Whether the record was kept here for its time already. Another run under the same key is another record. */
  isRetired(record: JobRecord): boolean {
    return this.#ended.isBuried(jobIdOfRecord(record), record.manifestDigest);
  }

  /** Says no to a copy of what was kept here for its time already, and tells whoever still has it. */
  refusesRetired(caller: Caller, record: JobRecord): boolean {
    if (!this.isRetired(record)) return false;
    const jobId = jobIdOfRecord(record);
    const { manifestDigest } = record;
    const message = { kind: "retired" as const, jobId, manifestDigest };
    this.effects.push({ kind: "confirm", caller, durable: "declined" }, { kind: "publish", message });
    return true;
  }

  #retire(entry: JobEntry): void {
    this.#letGo(entry);
    this.#ended.bury(entry.id, entry.record.manifestDigest);
  }

  /** Forgets a job and its record on disk; a later copy of it is taken again. */
  #letGo(entry: JobEntry): void {
    this.drop(entry);
    if (entry.kept) this.effects.push({ kind: "delete", jobId: entry.id });
  }

  drop(entry: JobEntry): void {
    if (entry.working) this.effects.push({ kind: "rest", jobId: entry.id });
    this.#entries.delete(entry.id);
    this.#active.delete(entry.id);
    this.#ended.letGo(entry.id);
  }

  settle(nowMs: number, entry: JobEntry): void {
    this.effects.push(...settle(entry, this.view, this.#protocol, nowMs, (told) => this.statusOf(told)));
    if (isRunning(entry) || entry.shown !== entry.record) this.#active.add(entry.id);
    else this.#active.delete(entry.id);
  }
}
