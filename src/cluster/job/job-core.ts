/**
 * Jobs as one node sees them: their records, copies, roots, and the clients who ask. A state machine: inputs in, effects
 * out, no clock and no network. Every node runs the same; none is special to a job but by its place on the ring.
 *
 * This file gives each input to whom it concerns: `submit-desk` and `client-desk` serve clients, `copy-desk` sees to the
 * records, `job-news` to gossip; `job-table` has the jobs and what follows from each change of one.
 */

import type { JobId } from "../../base/ids.js";
import type { Manifest } from "../../job/manifest.js";
import type { JobState, JobStatus } from "../../job/status.js";
import type { View } from "../member.js";
import type { Protocol } from "../protocol.js";
import { ClientDesk } from "./client-desk.js";
import { CopyDesk } from "./copy-desk.js";
import { coveredRecord, unreadableFiles } from "./deadline.js";
import { announcementOf, isRunning, type JobEntry } from "./job-entry.js";
import type { JobEffect, JobInput } from "./job-events.js";
import { JobNews } from "./job-news.js";
import { failedRecord, type JobRecord, recordVersion } from "./job-record.js";
import { type JobSurroundings, JobTable } from "./job-table.js";
import { Lookups } from "./lookups.js";
import { endedRecord } from "./skipped-record.js";
import { SubmitDesk } from "./submit-desk.js";

type Input<Kind extends JobInput["kind"]> = Extract<JobInput, { kind: Kind }>;

const ALONE: JobSurroundings = { doneByNode: () => new Map(), pack: (record) => record };

export class JobCore {
  readonly #protocol: Protocol;
  readonly #table: JobTable;
  readonly #lookups: Lookups;
  readonly #submits: SubmitDesk;
  readonly #clients: ClientDesk;
  readonly #copies: CopyDesk;
  readonly #news: JobNews;

  constructor(view: View, joined: boolean, protocol: Protocol, surroundings: JobSurroundings = ALONE) {
    this.#protocol = protocol;
    this.#table = new JobTable(view, joined, protocol, surroundings);
    this.#lookups = new Lookups(protocol);
    this.#submits = new SubmitDesk(this.#table, this.#lookups, protocol);
    this.#clients = new ClientDesk(this.#table, this.#lookups);
    this.#copies = new CopyDesk(this.#table);
    this.#news = new JobNews(this.#table, protocol);
  }

  /** `nowMs` is monotonic. The effects are to be carried out in order. */
  step(nowMs: number, input: JobInput): readonly JobEffect[] {
    this.#table.effects = [];
    this.#take(nowMs, input);
    for (const { id, silent } of this.#lookups.advance(this.#table.view, nowMs, this.#table.effects)) {
      this.#submits.notFound(nowMs, id);
      this.#clients.notFound(id, silent);
    }
    return this.#table.effects;
  }

  /** Whether ticks are urgent; on an idle node of a cluster rare ones see to the copies. */
  get isBusy(): boolean {
    return this.#submits.isBusy || this.#clients.isBusy || this.#table.isBusy;
  }

  /** The record that other nodes may see; see {@link JobEntry.shown}. */
  shownRecord(id: JobId): JobRecord | undefined {
    return this.#table.get(id)?.shown;
  }

  /** The record that work follows. */
  workingRecord(id: JobId): JobRecord | undefined {
    return this.#table.get(id)?.record;
  }

  /**
   * What a status that was given here speaks of. It may be another plan than the record that work follows has: a peer's end
   * of the job is shown only later. Undefined where the job is not known, or is shown otherwise by now.
   */
  manifestOf({ id, manifestDigest }: JobStatus): Manifest | undefined {
    const shown = this.shownRecord(id);
    return shown?.manifestDigest === manifestDigest ? shown.manifest : undefined;
  }

  /** Whether a running job reads files that only this node has. */
  get isNeeded(): boolean {
    return this.#table.isNeeded;
  }

  /** Whether nothing that this node keeps would be lost with it. */
  get isHandedOver(): boolean {
    return this.#table.isHandedOver;
  }

  /** Of the jobs that run, and the youngest of those that have ended. */
  statuses(): readonly JobStatus[] {
    return this.#table.listed().map((entry) => this.#table.statusOf(entry));
  }

  /** How many jobs there are in each state; a state that no job is in may lack. */
  countByState(): ReadonlyMap<JobState, number> {
    const counts = new Map<JobState, number>();
    for (const { shown } of this.#table.all()) counts.set(shown.state, (counts.get(shown.state) ?? 0) + 1);
    return counts;
  }

  #take(nowMs: number, input: JobInput): void {
    switch (input.kind) {
      case "view":
        this.#onView(nowMs, input);
        break;
      case "loaded":
        this.#onLoaded(nowMs, input);
        return;
      case "submit":
        this.#submits.submit(nowMs, input);
        break;
      case "planned":
        this.#submits.planned(nowMs, input.jobId, input.outcome);
        break;
      case "ask":
        this.#clients.ask(nowMs, input.jobId, { caller: input.caller, wish: input.what });
        break;
      case "caller-gone":
        this.#clients.forget(input.caller);
        break;
      case "wanted":
        this.#onWanted(nowMs, input.jobId);
        break;
      case "replicate":
        this.#copies.replicate(nowMs, input);
        break;
      case "fetched":
        this.#onFetched(nowMs, input);
        break;
      case "stored":
        this.#copies.stored(nowMs, input);
        break;
      case "replicated":
        this.#copies.replicated(nowMs, input);
        break;
      case "message":
        this.#news.hear(nowMs, input.from, input.message);
        break;
      case "progress":
        this.#news.advance(nowMs, input.jobId, input, this.#table.view.self);
        break;
      case "root-done":
        this.#onRootEnd(nowMs, input, (record) => endedRecord(record, input));
        break;
      case "root-covered":
        this.#onRootEnd(nowMs, input, (record) => coveredRecord(record, input, this.#table.view));
        break;
      case "root-failed":
        this.#onRootEnd(nowMs, input, (record) => failedRecord(record, input.failure));
        break;
      case "tick":
        this.#onTick(nowMs);
        break;
      case "leave":
        this.#onLeave(nowMs);
        break;
    }
  }

  #onView(nowMs: number, input: Input<"view">): void {
    if (input.joined && !this.#table.joined) this.#table.joinedAtMs = nowMs;
    this.#table.joined = input.joined;
    this.#table.see(nowMs, input.view);
  }

  #onLoaded(nowMs: number, { records, memory }: Input<"loaded">): void {
    if (memory !== undefined) this.#table.recall(memory);
    for (const record of records) {
      const entry = this.#table.adopt(nowMs, record);
      entry.kept = true;
      entry.agedMs = memory?.ages.get(entry.id) ?? 0;
      entry.copies.set(this.#table.view.self, { version: recordVersion(record), incarnation: 0 });
      this.#table.settle(nowMs, entry);
    }
  }

  /** The next in ring order begin the roots that end here as soon as they hear of it; copies are not waited with. */
  #onLeave(nowMs: number): void {
    this.#table.isLeaving = true;
    for (const entry of this.#table.all()) {
      entry.isMaker = true;
      this.#table.direct(nowMs, entry);
      this.#table.settle(nowMs, entry);
    }
    this.#table.remember(nowMs);
  }

  /** The job is looked up, or this node's manifest made known: of two the lower digest stays. */
  #onWanted(nowMs: number, id: JobId): void {
    const entry = this.#table.get(id);
    if (entry === undefined) {
      this.#table.effects.push(...this.#lookups.start(id, "successors", this.#table.view, nowMs));
      return;
    }
    this.#table.effects.push({ kind: "publish", message: announcementOf(entry, this.#table.view) });
  }

  #onFetched(nowMs: number, { jobId, from, outcome }: Input<"fetched">): void {
    if (outcome === "unreachable") {
      this.#lookups.unanswered(jobId, from);
      return;
    }
    // A straggler may still show as running what everyone else has let go: it must not begin anew.
    if (outcome === undefined || this.#table.isRetired(outcome)) {
      this.#lookups.answered(jobId, from);
      return;
    }
    this.#lookups.finish(jobId);
    const entry = this.#table.adopt(nowMs, outcome);
    this.#news.found(entry);
    // What a peer shows has its copies already, so it may be shown here.
    if (entry.record === outcome) entry.shown = outcome;
    this.#submits.found(nowMs, entry);
    this.#clients.found(nowMs, entry);
    this.#table.settle(nowMs, entry);
    this.#table.direct(nowMs, entry);
  }

  #onRootEnd(
    nowMs: number,
    input: { readonly jobId: JobId; readonly manifestDigest: string },
    end: (record: JobRecord) => JobRecord,
  ): void {
    const entry = this.#table.get(input.jobId);
    if (entry === undefined || entry.record.manifestDigest !== input.manifestDigest || !isRunning(entry)) return;
    this.#table.make(nowMs, entry, end(entry.record));
  }

  #onTick(nowMs: number): void {
    for (const entry of this.#table.awake()) {
      this.#table.settle(nowMs, entry);
      this.#table.direct(nowMs, entry);
      this.#refresh(nowMs, entry);
      this.#expire(nowMs, entry);
      this.#table.age(nowMs, entry);
    }
    this.#table.checkCopies(nowMs);
    this.#table.retire(nowMs);
    this.#news.tick(nowMs);
    this.#table.remember(nowMs);
  }

  /** Whoever waits for a job that nobody seems to run asks its successors: the news of its end may have been lost. */
  #refresh(nowMs: number, entry: JobEntry): void {
    const { refreshMs } = this.#protocol;
    if (!isRunning(entry) || nowMs - entry.beaconAtMs < refreshMs || nowMs - entry.refreshedAtMs < refreshMs) return;
    entry.refreshedAtMs = nowMs;
    this.#table.effects.push(...this.#lookups.start(entry.id, "successors", this.#table.view, nowMs));
  }

  /**
   * At the deadline the root alone decides: the best answer there is, where that is allowed, or none. It bounds the waiting
   * for what is missing, not the work: a job that advances has time. Where every file has a reader, only an attempt to
   * gather all there is tells which of them nobody gives.
   */
  #expire(nowMs: number, entry: JobEntry): void {
    const { manifest } = entry.record;
    const { deadlineMs, allowIncomplete } = manifest.request;
    if (!entry.rootHere || !isRunning(entry) || nowMs - entry.grownAtMs < deadlineMs) return;
    if (allowIncomplete || unreadableFiles(manifest, this.#table.view).length === 0) {
      if (!entry.covering) this.#table.effects.push({ kind: "cover", jobId: entry.id, record: entry.record });
      entry.covering = true;
      return;
    }
    this.#table.make(nowMs, entry, coveredRecord(entry.record, { missing: [] }, this.#table.view));
  }
}
