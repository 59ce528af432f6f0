/**
 * Jobs as one node sees them: their records, copies, roots, and the clients who ask. A state machine: inputs in, effects
 * out, no clock and no network. Every node runs the same; none is special to a job but by its place on the ring.
 */

import type { JobId, NodeId } from "../../base/ids.js";
import { requestDigest } from "../../job/request.js";
import type { View } from "../member.js";
import type { Protocol } from "../protocol.js";
import { ClientDesk } from "./client-desk.js";
import { coveredRecord } from "./deadline.js";
import { announcementOf, isRunning, type JobEntry } from "./job-entry.js";
import type { JobEffect, JobInput } from "./job-events.js";
import { type BeaconEntry, beaconsOf, type JobAnnouncement, type JobMessage } from "./job-messages.js";
import { completedRecord, failedRecord, type JobRecord, recordVersion, runningRecord } from "./job-record.js";
import { JobTable } from "./job-table.js";
import { Lookups } from "./lookups.js";

type Input<Kind extends JobInput["kind"]> = Extract<JobInput, { kind: Kind }>;
type Submit = Input<"submit"> & { readonly sinceMs: number };
export class JobCore {
  readonly #protocol: Protocol;
  readonly #lookups: Lookups;
  readonly #desk: ClientDesk;
  readonly #table: JobTable;
  /** Submits whose job is being looked up or planned. */
  readonly #planning = new Map<JobId, Submit[]>();
  /** Jobs that were announced as new, until their record is here. */
  readonly #news = new Set<JobId>();
  #beaconAtMs = Number.NEGATIVE_INFINITY;

  constructor(view: View, joined: boolean, protocol: Protocol) {
    this.#table = new JobTable(view, joined, protocol);
    this.#protocol = protocol;
    this.#lookups = new Lookups(protocol);
    this.#desk = new ClientDesk(this.#table, this.#lookups);
  }

  /** `nowMs` is monotonic. The effects are to be carried out in order. */
  step(nowMs: number, input: JobInput): readonly JobEffect[] {
    this.#table.effects = [];
    this.#take(nowMs, input);
    for (const id of this.#lookups.advance(this.#table.view, nowMs, this.#table.effects)) this.#lookupFailed(id);
    return this.#table.effects;
  }

  /** Whether ticks are urgent; on an idle node of a cluster rare ones see to the copies. */
  get isBusy(): boolean {
    return this.#planning.size > 0 || this.#desk.isBusy || this.#table.isBusy;
  }

  /** The record that other nodes may see; see {@link JobEntry.shown}. */
  shownRecord(id: JobId): JobRecord | undefined {
    return this.#table.get(id)?.shown;
  }

  /** The record that work follows. */
  workingRecord(id: JobId): JobRecord | undefined {
    return this.#table.get(id)?.record;
  }

  entries(): readonly JobEntry[] {
    return this.#table.all();
  }

  get view(): View {
    return this.#table.view;
  }

  #take(nowMs: number, input: JobInput): void {
    switch (input.kind) {
      case "view":
        this.#onView(nowMs, input);
        break;
      case "loaded":
        for (const record of input.records) this.#load(nowMs, record);
        return;
      case "submit":
        this.#onSubmit(nowMs, input);
        break;
      case "planned":
        this.#onPlanned(nowMs, input);
        break;
      case "plan-refused":
        this.#onPlanRefused(input.jobId);
        break;
      case "ask":
        this.#desk.ask(nowMs, input.jobId, { caller: input.caller, wish: input.what });
        break;
      case "caller-gone":
        this.#desk.forget(input.caller);
        break;
      case "wanted":
        this.#onWanted(nowMs, input.jobId);
        break;
      case "replicate":
        this.#onReplicate(nowMs, input);
        break;
      case "fetched":
        this.#onFetched(nowMs, input);
        break;
      case "stored":
        this.#onStored(nowMs, input);
        break;
      case "replicated":
        this.#onReplicated(nowMs, input);
        break;
      case "message":
        this.#onMessage(nowMs, input.from, input.message);
        break;
      case "progress":
        this.#onProgress(nowMs, input.jobId, input, this.#table.view.self);
        break;
      case "root-done":
        this.#onRootEnd(nowMs, input, (record) => completedRecord(record, input.result, input.counters));
        break;
      case "root-covered":
        this.#onRootEnd(nowMs, input, (record) => coveredRecord(record, input.answer, this.#table.view));
        break;
      case "root-failed":
        this.#onRootEnd(nowMs, input, (record) => failedRecord(record, input.failure));
        break;
      case "tick":
        this.#onTick(nowMs);
        break;
    }
  }

  #onView(nowMs: number, input: Input<"view">): void {
    if (input.joined && !this.#table.joined) this.#table.joinedAtMs = nowMs;
    this.#table.view = input.view;
    this.#table.joined = input.joined;
    for (const entry of this.#table.all()) this.#table.settle(nowMs, entry);
  }

  #load(nowMs: number, record: JobRecord): void {
    const entry = this.#table.adopt(nowMs, record);
    entry.kept = true;
    entry.copies.set(this.#table.view.self, { version: recordVersion(record), incarnation: 0 });
    this.#table.settle(nowMs, entry);
  }

  #onSubmit(nowMs: number, input: Input<"submit">): void {
    const entry = this.#table.get(input.jobId);
    if (entry !== undefined) {
      this.#resubmit(nowMs, entry, input);
      return;
    }
    if (!this.#table.joined) {
      this.#table.effects.push({
        kind: "submitted",
        callers: [input.caller],
        jobId: input.jobId,
        outcome: { kind: "not-joined" },
      });
      return;
    }
    const submit: Submit = { ...input, sinceMs: nowMs };
    const planning = this.#planning.get(input.jobId);
    if (planning !== undefined) {
      planning.push(submit);
      return;
    }
    this.#planning.set(input.jobId, [submit]);
    this.#table.effects.push(...this.#lookups.start(input.jobId, "successors", this.#table.view, nowMs));
  }

  /** A submit for a job that is known: acknowledged when its copies suffice, refused when it asks for something else. */
  #resubmit(nowMs: number, entry: JobEntry, submit: Input<"submit"> & { readonly sinceMs?: number }): void {
    const { caller, jobId, request } = submit;
    if (requestDigest(request) !== requestDigest(entry.record.manifest.request)) {
      this.#table.effects.push({ kind: "submitted", callers: [caller], jobId, outcome: { kind: "key-conflict" } });
      return;
    }
    entry.submits.push({ caller, wanted: request.durability, sinceMs: submit.sinceMs ?? nowMs });
    entry.kept = true;
    if (!entry.isMaker) entry.sentAtMs.clear();
    entry.isMaker = true;
    this.#table.settle(nowMs, entry);
  }

  #onPlanned(nowMs: number, input: Input<"planned">): void {
    const submits = this.#planning.get(input.jobId) ?? [];
    this.#planning.delete(input.jobId);
    const entry = this.#table.adopt(nowMs, runningRecord(input.manifest));
    entry.beaconAtMs = nowMs;
    entry.kept = true;
    entry.isMaker = true;
    entry.isNew = true;
    const news = { ...announcementOf(entry, this.#table.view), isNew: true as const };
    this.#table.effects.push({ kind: "publish", message: news });
    for (const submit of submits) this.#resubmit(nowMs, entry, submit);
    this.#table.direct(nowMs, entry);
  }

  #onPlanRefused(id: JobId): void {
    const callers = (this.#planning.get(id) ?? []).map((submit) => submit.caller);
    this.#planning.delete(id);
    this.#table.effects.push({ kind: "refuse-plan", callers, jobId: id });
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

  #onReplicate(nowMs: number, input: Input<"replicate">): void {
    if (this.#table.refusesRetired(input.caller, input.record)) return;
    const entry = this.#table.adopt(nowMs, input.record);
    entry.kept = true;
    const version = recordVersion(entry.record);
    if (entry.copies.get(this.#table.view.self)?.version === version) {
      this.#table.effects.push({ kind: "confirm", caller: input.caller, durable: true });
    } else {
      entry.confirmations.push({ caller: input.caller, version });
    }
    this.#table.settle(nowMs, entry);
    this.#table.direct(nowMs, entry);
  }

  #onFetched(nowMs: number, input: Input<"fetched">): void {
    const { outcome } = input;
    if (outcome === undefined || outcome === "unreachable") {
      this.#lookups.answered(input.jobId, input.from);
      return;
    }
    this.#lookups.finish(input.jobId);
    const entry = this.#table.adopt(nowMs, outcome);
    if (this.#news.delete(input.jobId)) entry.isNew = true;
    // What a peer shows has its copies already, so it may be shown here.
    if (entry.record === outcome) entry.shown = outcome;
    this.#answerPending(nowMs, entry);
    this.#table.settle(nowMs, entry);
    this.#table.direct(nowMs, entry);
  }

  #answerPending(nowMs: number, entry: JobEntry): void {
    const submits = this.#planning.get(entry.id) ?? [];
    this.#planning.delete(entry.id);
    for (const submit of submits) this.#resubmit(nowMs, entry, submit);
    this.#desk.found(nowMs, entry);
  }

  /** Nobody who could be asked knows the job: a submit makes it, a question has its answer. */
  #lookupFailed(id: JobId): void {
    const first = this.#planning.get(id)?.[0];
    if (first !== undefined) {
      this.#table.effects.push({ kind: "plan", jobId: id, clientKey: first.clientKey, request: first.request });
    }
    this.#desk.notFound(id);
  }

  #onStored(nowMs: number, input: Input<"stored">): void {
    const entry = this.#table.get(input.jobId);
    if (entry === undefined) return;
    if (input.durable && recordVersion(entry.record) === input.version) {
      entry.copies.set(this.#table.view.self, { version: input.version, incarnation: 0 });
    }
    const waiting = entry.confirmations.splice(0);
    for (const confirmation of waiting) {
      if (confirmation.version !== input.version) entry.confirmations.push(confirmation);
      else this.#table.effects.push({ kind: "confirm", caller: confirmation.caller, durable: input.durable });
    }
    this.#table.settle(nowMs, entry);
  }

  #onReplicated(nowMs: number, input: Input<"replicated">): void {
    const entry = this.#table.get(input.jobId);
    if (entry === undefined || !input.durable || input.version !== recordVersion(entry.record)) return;
    entry.copies.set(input.to, { version: input.version, incarnation: input.incarnation });
    this.#table.settle(nowMs, entry);
  }

  #onMessage(nowMs: number, from: NodeId, message: JobMessage): void {
    if (message.kind === "beacon") {
      for (const heard of message.jobs) this.#onBeacon(nowMs, from, heard);
      return;
    }
    if (message.kind === "retired") {
      this.#table.onRetired(message);
      return;
    }
    const entry = this.#table.get(message.jobId);
    const running = message.state === "RUNNING";
    if (entry === undefined) {
      if (running && message.isNew === true) this.#news.add(message.jobId);
      if (running) this.#fetchFrom(from, message.jobId);
      return;
    }
    if (message.isNew === true && !entry.isNew && isRunning(entry)) {
      entry.isNew = true;
      if (entry.working) this.#table.work(entry);
      this.#table.direct(nowMs, entry);
    }
    if (entry.record.manifestDigest === message.manifestDigest && (running || !isRunning(entry))) {
      this.#onCopies(nowMs, entry, message);
      return;
    }
    const concerned = entry.kept || entry.rootHere || entry.clients.length > 0;
    if (running || concerned) this.#fetchFrom(from, message.jobId);
    else this.#table.drop(entry);
  }

  /** Someone tells who has the version that is known here. */
  #onCopies(nowMs: number, entry: JobEntry, { state, copies }: JobAnnouncement): void {
    if (entry.record.state !== state) return;
    const version = recordVersion(entry.record);
    for (const { node, incarnation } of copies) {
      if (node !== this.#table.view.self) entry.copies.set(node, { version, incarnation });
    }
    this.#table.settle(nowMs, entry);
  }

  #onBeacon(nowMs: number, from: NodeId, heard: BeaconEntry): void {
    const entry = this.#table.get(heard.jobId);
    if (entry === undefined || entry.record.manifestDigest !== heard.manifestDigest) {
      if (entry === undefined || isRunning(entry)) this.#fetchFrom(from, heard.jobId);
      if (entry === undefined) return;
    }
    if (!isRunning(entry)) {
      this.#table.effects.push({ kind: "send", to: from, message: announcementOf(entry, this.#table.view) });
      return;
    }
    entry.beaconAtMs = nowMs;
    this.#onProgress(nowMs, heard.jobId, heard, from);
    this.#table.direct(nowMs, entry);
  }

  #onProgress(nowMs: number, id: JobId, done: Pick<BeaconEntry, "doneBytes" | "doneSpans">, root: NodeId): void {
    const entry = this.#table.get(id);
    if (entry === undefined || !isRunning(entry)) return;
    entry.root = root;
    if (done.doneBytes <= entry.doneBytes && done.doneSpans <= entry.doneSpans) return;
    entry.doneBytes = Math.max(entry.doneBytes, done.doneBytes);
    entry.doneSpans = Math.max(entry.doneSpans, done.doneSpans);
    entry.grownAtMs = nowMs;
    this.#table.settle(nowMs, entry);
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
    for (const entry of this.#table.all()) {
      this.#table.settle(nowMs, entry);
      this.#table.direct(nowMs, entry);
      this.#refresh(nowMs, entry);
      this.#expire(nowMs, entry);
      this.#table.age(nowMs, entry);
    }
    if (nowMs - this.#beaconAtMs < this.#protocol.beaconMs) return;
    const running = this.#table.rootsHere();
    if (running.length === 0) return;
    this.#beaconAtMs = nowMs;
    const beacons = beaconsOf(
      running.map((entry) => ({
        jobId: entry.id,
        manifestDigest: entry.record.manifestDigest,
        doneBytes: entry.doneBytes,
        doneSpans: entry.doneSpans,
      })),
    );
    for (const message of beacons) this.#table.effects.push({ kind: "publish", message });
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
   * for what is missing, not the work: a job that advances has time.
   */
  #expire(nowMs: number, entry: JobEntry): void {
    const { deadlineMs, allowIncomplete } = entry.record.manifest.request;
    if (!entry.rootHere || !isRunning(entry) || nowMs - entry.grownAtMs < deadlineMs) return;
    if (allowIncomplete) {
      if (!entry.covering) this.#table.effects.push({ kind: "cover", jobId: entry.id, record: entry.record });
      entry.covering = true;
      return;
    }
    this.#table.make(nowMs, entry, coveredRecord(entry.record, undefined, this.#table.view));
  }

  #fetchFrom(from: NodeId, id: JobId): void {
    if (this.#table.hasEnded(id) || from === this.#table.view.self) return;
    this.#table.effects.push({ kind: "fetch", from, jobId: id });
  }
}
