/** The jobs that one node knows, and what follows from each change of one: copies, answers, work begun and ended. */

import type { JobId, NodeId } from "../../base/ids.js";
import type { JobStatus } from "../../job/status.js";
import type { View } from "../member.js";
import type { Protocol } from "../protocol.js";
import { CopiesUnderWay } from "./copies-under-way.js";
import { copyPlacesOf } from "./copy-places.js";
import { EndedJobs } from "./ended-jobs.js";
import { aliveMembers, createEntry, isRestless, isRunning, type JobEntry, lacksCopies } from "./job-entry.js";
import type { Caller, JobEffect } from "./job-events.js";
import type { JobMemory } from "./job-memory.js";
import type { Retirement } from "./job-messages.js";
import { type JobRecord, jobIdOfRecord, mergeRecords, recordVersion, runningRecord } from "./job-record.js";
import { type DoneByNode, statusOf } from "./job-status.js";
import { unpacked } from "./record-codec.js";
import { isRootDue } from "./root-watch.js";
import { settle } from "./settle.js";

/** Jobs in one listing: of ten thousand nobody could read it, and it would hold up all else. */
const MAX_LISTED = 1000;

export interface JobSurroundings {
  /** Asked for the status of jobs whose root is computed here. */
  readonly doneByNode: DoneByNode;
  /** The record of a job that has ended as it is kept: where it has been encoded anyway, as its bytes. */
  readonly pack: (record: JobRecord) => JobRecord;
}

/** Records whose copies are looked at when a peer has taken one, so that the next is on its way without waiting for a tick. */
const CHECKED_AT_AN_ANSWER = 4;

export class JobTable {
  readonly #protocol: Protocol;
  readonly #entries = new Map<JobId, JobEntry>();
  readonly #ended: EndedJobs;
  readonly #doneByNode: DoneByNode;
  readonly #pack: (record: JobRecord) => JobRecord;
  /** Jobs that run, or whose end is not shown yet. */
  readonly #active = new Set<JobId>();
  /** Jobs that a tick concerns: time alone may change them, or they have changed since the last one. */
  readonly #awake = new Set<JobId>();
  /** Jobs that some successor may lack the record of; those that were looked at longest ago first. */
  readonly #lacking = new Set<JobId>();
  readonly #underWay: CopiesUnderWay;
  view: View;
  joined: boolean;
  /** When this node met the first member of its cluster; long ago for one that did not have to. */
  joinedAtMs = Number.NEGATIVE_INFINITY;
  /** This node goes: it begins nothing, and whoever else has a job takes it on. */
  isLeaving = false;
  /** What the methods below ask for, in order; whoever drives the table takes it away. */
  effects: JobEffect[] = [];

  constructor(view: View, joined: boolean, protocol: Protocol, { doneByNode, pack }: JobSurroundings) {
    this.#doneByNode = doneByNode;
    this.#pack = pack;
    this.view = view;
    this.joined = joined;
    this.#protocol = protocol;
    this.#ended = new EndedJobs(protocol);
    this.#underWay = new CopiesUnderWay(protocol);
  }

  get(id: JobId): JobEntry | undefined {
    return this.#entries.get(id);
  }

  all(): readonly JobEntry[] {
    return [...this.#entries.values()];
  }

  /** Those that run, or whose end is not shown yet. */
  active(): readonly JobEntry[] {
    return this.#entriesOf(this.#active);
  }

  /** Those that a tick is to look at. */
  awake(): readonly JobEntry[] {
    return this.#entriesOf(this.#awake);
  }

  /** Those that run or have just ended, then the youngest of the others. */
  listed(): readonly JobEntry[] {
    const unsettled = this.all().filter((entry) => entry.endedAtMs === undefined);
    return [...unsettled, ...this.#ended.youngest(Math.max(0, MAX_LISTED - unsettled.length))];
  }

  #entriesOf(ids: Iterable<JobId>): readonly JobEntry[] {
    return [...ids].flatMap((id) => this.#entries.get(id) ?? []);
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
    return this.all().every((entry) => !lacksCopies(entry, this.view));
  }

  /** Whether a running job reads files that only this node has. */
  get isNeeded(): boolean {
    const { self } = this.view;
    return this.active().some(
      (entry) => isRunning(entry) && entry.record.manifest.files.some(({ node }) => node === self),
    );
  }

  /** The running jobs whose root is computed here. */
  rootsHere(): readonly JobEntry[] {
    return this.active().filter((entry) => entry.rootHere && isRunning(entry));
  }

  hasEnded(id: JobId): boolean {
    return this.#ended.isGone(id);
  }

  statusOf(entry: JobEntry): JobStatus {
    const shown = unpacked(entry.shown);
    return statusOf(shown === entry.shown ? entry : { ...entry, shown }, this.view, this.#doneByNode);
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

  /** Notices that a job has ended; from then on ticks pass it over, and it makes room for those that end later. */
  age(nowMs: number, entry: JobEntry): void {
    if (!isRestless(entry)) this.#awake.delete(entry.id);
    if (isRunning(entry) || entry.shown !== entry.record) {
      this.#ended.remove(entry);
    } else if (entry.endedAtMs === undefined && this.#entries.get(entry.id) === entry) {
      this.#ended.add(entry, nowMs);
      entry.record = this.#pack(entry.record);
      entry.shown = entry.record;
      for (const surplus of this.#ended.surplus()) this.#letGo(surplus);
    }
  }

  /** Lets ended jobs go whose time is over, and those that were only fetched for a client when nobody asks again. */
  retire(nowMs: number): void {
    for (const entry of this.#ended.overdue(nowMs)) {
      if (entry.kept) this.#retire(entry);
      else this.drop(entry);
    }
  }

  /** What an earlier life of this node knew of the jobs that had ended. */
  recall(memory: JobMemory): void {
    this.#ended.recall(memory);
  }

  /** Writes down what the next life needs to know of the jobs that have ended. */
  remember(nowMs: number): void {
    const memory = this.#ended.memory(nowMs, this.isLeaving);
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
    for (const ids of [this.#active, this.#awake, this.#lacking]) ids.delete(entry.id);
    this.#entries.delete(entry.id);
    this.#ended.remove(entry);
    this.#ended.letGo(entry.id);
  }

  settle(nowMs: number, entry: JobEntry): void {
    this.#awake.add(entry.id);
    this.#settle(nowMs, entry);
  }

  #settle(nowMs: number, entry: JobEntry): void {
    const surroundings = { view: this.view, protocol: this.#protocol, underWay: this.#underWay };
    this.effects.push(...settle(entry, surroundings, nowMs, (told) => this.statusOf(told)));
    if (isRunning(entry) || entry.shown !== entry.record) this.#active.add(entry.id);
    else this.#active.delete(entry.id);
    this.#lacking.delete(entry.id);
    if (lacksCopies(entry, this.view)) this.#lacking.add(entry.id);
  }

  /** The members are others, or in another state. Records that lie still are looked at only if their copies belong elsewhere. */
  see(nowMs: number, view: View): void {
    const isMoved = copyPlacesOf(view) !== copyPlacesOf(this.view);
    this.view = view;
    for (const entry of this.awake()) this.#settle(nowMs, entry);
    if (!isMoved) return;
    for (const entry of this.#entries.values()) if (lacksCopies(entry, view)) this.#lacking.add(entry.id);
    this.checkCopies(nowMs);
  }

  /** Looks at the next few records whose copies may be lacking; the others have their turn at the next ticks. */
  checkCopies(nowMs: number, most = this.#protocol.recordsCheckedAtOnce): void {
    const next: JobEntry[] = [];
    for (const id of this.#lacking) {
      if (next.length >= most) break;
      const entry = this.#entries.get(id);
      if (entry === undefined) this.#lacking.delete(id);
      else next.push(entry);
    }
    for (const entry of next) this.#settle(nowMs, entry);
  }

  /** A peer has answered about a copy: there may be room for the next one. */
  answered(nowMs: number, by: NodeId, id: JobId): void {
    if (this.#underWay.end(by, id)) this.checkCopies(nowMs, CHECKED_AT_AN_ANSWER);
  }
}
