/**
 * Jobs as one node sees them: their records, copies, roots, and the clients who ask. A state machine: inputs in, effects
 * out, no clock and no network. Every node runs the same; none is special to a job but by its place on the ring.
 */

import type { JobId, NodeId } from "../../base/ids.js";
import { requestDigest } from "../../job/request.js";
import type { View } from "../member.js";
import { Placement } from "../placement/placement.js";
import type { Protocol } from "../protocol.js";
import { aliveMembers, createEntry, isRunning, type JobEntry } from "./job-entry.js";
import type { Caller, ClientWish, JobEffect, JobInput } from "./job-events.js";
import { type BeaconEntry, beaconsOf, type JobMessage } from "./job-messages.js";
import {
  completedRecord,
  failedRecord,
  type JobRecord,
  jobIdOfRecord,
  mergeRecords,
  recordVersion,
  runningRecord,
} from "./job-record.js";
import { fileName, statusOf } from "./job-status.js";
import { Lookups } from "./lookups.js";
import { isRootDue } from "./root-watch.js";
import { settle } from "./settle.js";

/** So many ended jobs are remembered by id alone, so that late hints do not bring them back. */
const MAX_ENDED = 10_000;

type Input<Kind extends JobInput["kind"]> = Extract<JobInput, { kind: Kind }>;
type Submit = Input<"submit"> & { readonly sinceMs: number };
interface Question {
  readonly caller: Caller;
  readonly wish: ClientWish;
}

export class JobCore {
  readonly #protocol: Protocol;
  readonly #lookups: Lookups;
  readonly #entries = new Map<JobId, JobEntry>();
  /** Submits whose job is being looked up or planned. */
  readonly #planning = new Map<JobId, Submit[]>();
  /** Clients whose job is being looked up. */
  readonly #questions = new Map<JobId, Question[]>();
  readonly #ended = new Set<JobId>();
  /** Jobs that run, or whose end is not shown yet. */
  readonly #active = new Set<JobId>();
  #view: View;
  #joined: boolean;
  #beaconAtMs = Number.NEGATIVE_INFINITY;
  #effects: JobEffect[] = [];

  constructor(view: View, joined: boolean, protocol: Protocol) {
    this.#view = view;
    this.#joined = joined;
    this.#protocol = protocol;
    this.#lookups = new Lookups(protocol);
  }

  /** `nowMs` is monotonic. The effects are to be carried out in order. */
  step(nowMs: number, input: JobInput): readonly JobEffect[] {
    this.#effects = [];
    this.#take(nowMs, input);
    for (const id of this.#lookups.advance(this.#view, nowMs, this.#effects)) this.#lookupFailed(id);
    return this.#effects;
  }

  /** Whether ticks are urgent; on an idle node of a cluster rare ones see to the copies. */
  get isBusy(): boolean {
    return this.#planning.size > 0 || this.#questions.size > 0 || this.#active.size > 0;
  }

  /** The record that other nodes may see; see {@link JobEntry.shown}. */
  shownRecord(id: JobId): JobRecord | undefined {
    return this.#entries.get(id)?.shown;
  }

  /** The record that work follows. */
  workingRecord(id: JobId): JobRecord | undefined {
    return this.#entries.get(id)?.record;
  }

  entries(): readonly JobEntry[] {
    return [...this.#entries.values()];
  }

  get view(): View {
    return this.#view;
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
        this.#onAsk(nowMs, input);
        break;
      case "caller-gone":
        this.#forgetCaller(input.caller);
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
        this.#onProgress(nowMs, input.jobId, input, this.#view.self);
        break;
      case "root-done":
        this.#onRootEnd(nowMs, input, (record) => completedRecord(record, input.result, input.counters));
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
    this.#view = input.view;
    this.#joined = input.joined;
    for (const entry of this.#entries.values()) this.#settle(nowMs, entry);
  }

  #load(nowMs: number, record: JobRecord): void {
    const entry = this.#adopt(nowMs, record);
    entry.kept = true;
    entry.copies.set(this.#view.self, { version: recordVersion(record), incarnation: 0 });
    this.#settle(nowMs, entry);
  }

  #onSubmit(nowMs: number, input: Input<"submit">): void {
    const entry = this.#entries.get(input.jobId);
    if (entry !== undefined) {
      this.#resubmit(nowMs, entry, input);
      return;
    }
    if (!this.#joined) {
      this.#effects.push({
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
    this.#effects.push(...this.#lookups.start(input.jobId, "successors", this.#view, nowMs));
  }

  /** A submit for a job that is known: acknowledged when its copies suffice, refused when it asks for something else. */
  #resubmit(nowMs: number, entry: JobEntry, submit: Input<"submit"> & { readonly sinceMs?: number }): void {
    const { caller, jobId, request } = submit;
    if (requestDigest(request) !== requestDigest(entry.record.manifest.request)) {
      this.#effects.push({ kind: "submitted", callers: [caller], jobId, outcome: { kind: "key-conflict" } });
      return;
    }
    entry.submits.push({ caller, wanted: request.durability, sinceMs: submit.sinceMs ?? nowMs });
    entry.kept = true;
    this.#settle(nowMs, entry);
  }

  #onPlanned(nowMs: number, input: Input<"planned">): void {
    const submits = this.#planning.get(input.jobId) ?? [];
    this.#planning.delete(input.jobId);
    const entry = this.#adopt(nowMs, runningRecord(input.manifest));
    entry.beaconAtMs = nowMs;
    const { state, manifestDigest } = entry.record;
    entry.kept = true;
    this.#effects.push({ kind: "publish", message: { kind: "announce", jobId: entry.id, state, manifestDigest } });
    for (const submit of submits) this.#resubmit(nowMs, entry, submit);
    this.#direct(nowMs, entry);
  }

  #onPlanRefused(id: JobId): void {
    const callers = (this.#planning.get(id) ?? []).map((submit) => submit.caller);
    this.#planning.delete(id);
    this.#effects.push({ kind: "refuse-plan", callers, jobId: id });
  }

  #onAsk(nowMs: number, input: Input<"ask">): void {
    const entry = this.#entries.get(input.jobId);
    const question: Question = { caller: input.caller, wish: input.what };
    if (entry !== undefined) {
      this.#answer(nowMs, entry, question);
      return;
    }
    const questions = this.#questions.get(input.jobId) ?? [];
    this.#questions.set(input.jobId, [...questions, question]);
    this.#effects.push(...this.#lookups.start(input.jobId, "everyone", this.#view, nowMs));
  }

  #answer(nowMs: number, entry: JobEntry, { caller, wish }: Question): void {
    if (wish === "status") {
      this.#effects.push({ kind: "status", caller, status: statusOf(entry, this.#view) });
      return;
    }
    entry.clients.push({ caller, wish, told: "" });
    if (wish === "cancel" && isRunning(entry)) {
      this.#improve(entry, failedRecord(entry.record, { code: "CANCELLED", message: "the job was cancelled" }));
      entry.kept = true;
    }
    this.#settle(nowMs, entry);
    this.#direct(nowMs, entry);
  }

  #forgetCaller(caller: Caller): void {
    for (const entry of this.#entries.values()) {
      const at = entry.clients.findIndex((client) => client.caller === caller);
      if (at >= 0) entry.clients.splice(at, 1);
    }
    for (const [id, questions] of this.#questions) {
      const rest = questions.filter((question) => question.caller !== caller);
      if (rest.length > 0) this.#questions.set(id, rest);
      else this.#questions.delete(id);
    }
  }

  /** The job is looked up, or this node's manifest made known: of two the lower digest stays. */
  #onWanted(nowMs: number, id: JobId): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) {
      this.#effects.push(...this.#lookups.start(id, "successors", this.#view, nowMs));
      return;
    }
    const { state, manifestDigest } = entry.shown;
    this.#effects.push({ kind: "publish", message: { kind: "announce", jobId: id, state, manifestDigest } });
  }

  #onReplicate(nowMs: number, input: Input<"replicate">): void {
    const entry = this.#adopt(nowMs, input.record);
    entry.kept = true;
    const version = recordVersion(entry.record);
    if (entry.copies.get(this.#view.self)?.version === version) {
      this.#effects.push({ kind: "confirm", caller: input.caller, durable: true });
    } else {
      entry.confirmations.push({ caller: input.caller, version });
    }
    this.#settle(nowMs, entry);
    this.#direct(nowMs, entry);
  }

  #onFetched(nowMs: number, input: Input<"fetched">): void {
    const { outcome } = input;
    if (outcome === undefined || outcome === "unreachable") {
      this.#lookups.answered(input.jobId, input.from);
      return;
    }
    this.#lookups.finish(input.jobId);
    const entry = this.#adopt(nowMs, outcome);
    // What a peer shows has its copies already, so it may be shown here.
    if (entry.record === outcome) entry.shown = outcome;
    this.#answerPending(nowMs, entry);
    this.#settle(nowMs, entry);
    this.#direct(nowMs, entry);
  }

  #answerPending(nowMs: number, entry: JobEntry): void {
    const submits = this.#planning.get(entry.id) ?? [];
    const questions = this.#questions.get(entry.id) ?? [];
    this.#planning.delete(entry.id);
    this.#questions.delete(entry.id);
    for (const submit of submits) this.#resubmit(nowMs, entry, submit);
    for (const question of questions) this.#answer(nowMs, entry, question);
  }

  /** Nobody who could be asked knows the job: a submit makes it, a question has its answer. */
  #lookupFailed(id: JobId): void {
    const first = this.#planning.get(id)?.[0];
    if (first !== undefined) {
      this.#effects.push({ kind: "plan", jobId: id, clientKey: first.clientKey, request: first.request });
    }
    const questions = this.#questions.get(id) ?? [];
    this.#questions.delete(id);
    for (const { caller, wish } of questions) {
      if (wish === "result") this.#effects.push({ kind: "ended", caller, record: undefined, status: undefined });
      else this.#effects.push({ kind: "status", caller, status: undefined });
    }
  }

  #onStored(nowMs: number, input: Input<"stored">): void {
    const entry = this.#entries.get(input.jobId);
    if (entry === undefined) return;
    if (input.durable && recordVersion(entry.record) === input.version) {
      entry.copies.set(this.#view.self, { version: input.version, incarnation: 0 });
    }
    const waiting = entry.confirmations.splice(0);
    for (const confirmation of waiting) {
      if (confirmation.version !== input.version) entry.confirmations.push(confirmation);
      else this.#effects.push({ kind: "confirm", caller: confirmation.caller, durable: input.durable });
    }
    this.#settle(nowMs, entry);
  }

  #onReplicated(nowMs: number, input: Input<"replicated">): void {
    const entry = this.#entries.get(input.jobId);
    if (entry === undefined || !input.durable || input.version !== recordVersion(entry.record)) return;
    entry.copies.set(input.to, { version: input.version, incarnation: input.incarnation });
    this.#settle(nowMs, entry);
  }

  #onMessage(nowMs: number, from: NodeId, message: JobMessage): void {
    if (message.kind === "beacon") {
      for (const heard of message.jobs) this.#onBeacon(nowMs, from, heard);
      return;
    }
    const entry = this.#entries.get(message.jobId);
    const running = message.state === "RUNNING";
    if (entry === undefined) {
      if (running) this.#fetchFrom(from, message.jobId);
      return;
    }
    if (entry.record.manifestDigest === message.manifestDigest && (running || !isRunning(entry))) return;
    const concerned = entry.kept || entry.rootHere || entry.clients.length > 0;
    if (running || concerned) this.#fetchFrom(from, message.jobId);
    else this.#drop(entry);
  }

  #onBeacon(nowMs: number, from: NodeId, heard: BeaconEntry): void {
    const entry = this.#entries.get(heard.jobId);
    if (entry === undefined || entry.record.manifestDigest !== heard.manifestDigest) {
      if (entry === undefined || isRunning(entry)) this.#fetchFrom(from, heard.jobId);
      if (entry === undefined) return;
    }
    if (!isRunning(entry)) {
      const { state, manifestDigest } = entry.shown;
      this.#effects.push({
        kind: "send",
        to: from,
        message: { kind: "announce", jobId: entry.id, state, manifestDigest },
      });
      return;
    }
    entry.beaconAtMs = nowMs;
    this.#onProgress(nowMs, heard.jobId, heard, from);
    this.#direct(nowMs, entry);
  }

  #onProgress(nowMs: number, id: JobId, done: Pick<BeaconEntry, "doneBytes" | "doneSpans">, root: NodeId): void {
    const entry = this.#entries.get(id);
    if (entry === undefined || !isRunning(entry)) return;
    entry.root = root;
    if (done.doneBytes <= entry.doneBytes && done.doneSpans <= entry.doneSpans) return;
    entry.doneBytes = Math.max(entry.doneBytes, done.doneBytes);
    entry.doneSpans = Math.max(entry.doneSpans, done.doneSpans);
    entry.grownAtMs = nowMs;
    this.#settle(nowMs, entry);
  }

  #onRootEnd(
    nowMs: number,
    input: { readonly jobId: JobId; readonly manifestDigest: string },
    end: (record: JobRecord) => JobRecord,
  ): void {
    const entry = this.#entries.get(input.jobId);
    if (entry === undefined || entry.record.manifestDigest !== input.manifestDigest || !isRunning(entry)) return;
    this.#improve(entry, end(entry.record));
    entry.kept = true;
    this.#settle(nowMs, entry);
    this.#direct(nowMs, entry);
  }

  #onTick(nowMs: number): void {
    for (const entry of this.#entries.values()) {
      this.#settle(nowMs, entry);
      this.#direct(nowMs, entry);
      this.#refresh(nowMs, entry);
      this.#expire(nowMs, entry);
    }
    if (nowMs - this.#beaconAtMs < this.#protocol.beaconMs) return;
    const running = [...this.#active]
      .flatMap((id) => this.#entries.get(id) ?? [])
      .filter((entry) => entry.rootHere && isRunning(entry));
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
    for (const message of beacons) this.#effects.push({ kind: "publish", message });
  }

  /** Starts, takes over and ends this node's work for a job. */
  #direct(nowMs: number, entry: JobEntry): void {
    if (!isRunning(entry)) {
      if (entry.working) this.#effects.push({ kind: "rest", jobId: entry.id });
      entry.working = false;
      entry.rootHere = false;
      return;
    }
    const takesRoot = !entry.rootHere && isRootDue(entry.id, this.#view, nowMs - entry.grownAtMs, this.#protocol);
    const wanted = entry.rootHere || takesRoot || nowMs - entry.beaconAtMs < this.#protocol.beaconLifeMs;
    if (takesRoot) entry.root = this.#view.self;
    entry.rootHere ||= takesRoot;
    if (wanted && (takesRoot || !entry.working)) {
      this.#effects.push({ kind: "work", jobId: entry.id, record: entry.record, root: entry.rootHere });
    } else if (!wanted && entry.working) {
      this.#effects.push({ kind: "rest", jobId: entry.id });
    }
    entry.working = wanted;
  }

  /** Whoever waits for a job that nobody seems to run asks its successors: the news of its end may have been lost. */
  #refresh(nowMs: number, entry: JobEntry): void {
    const { refreshMs } = this.#protocol;
    if (!isRunning(entry) || nowMs - entry.beaconAtMs < refreshMs || nowMs - entry.refreshedAtMs < refreshMs) return;
    entry.refreshedAtMs = nowMs;
    this.#effects.push(...this.#lookups.start(entry.id, "successors", this.#view, nowMs));
  }

  #expire(nowMs: number, entry: JobEntry): void {
    const { deadlineMs } = entry.record.manifest.request;
    if (!entry.rootHere || !isRunning(entry) || nowMs - entry.knownSinceMs < deadlineMs) return;
    const { manifest } = entry.record;
    const missing = new Placement(manifest, this.#view)
      .unreadableFiles()
      .map((index) => fileName(manifest.files[index]));
    const lacking = missing.length === 0 ? "before it was done" : `while no member could read ${missing.join(", ")}`;
    const message = `the deadline of ${deadlineMs / 1000} s passed ${lacking}; raise --deadline or bring the holders back`;
    this.#improve(entry, failedRecord(entry.record, { code: "DEADLINE", message }));
    entry.kept = true;
    this.#settle(nowMs, entry);
    this.#direct(nowMs, entry);
  }

  #fetchFrom(from: NodeId, id: JobId): void {
    if (this.#ended.has(id) || from === this.#view.self) return;
    this.#effects.push({ kind: "fetch", from, jobId: id });
  }

  /** Joins a record into what is known, which may be nothing. */
  #adopt(nowMs: number, record: JobRecord): JobEntry {
    const id = jobIdOfRecord(record);
    const known = this.#entries.get(id);
    if (known !== undefined) {
      this.#improve(known, record);
      return known;
    }
    const entry = createEntry(record, nowMs);
    this.#entries.set(id, entry);
    this.#ended.delete(id);
    if (!isRunning(entry)) entry.shown = runningRecord(record.manifest);
    else if (aliveMembers(this.#view).length > 1) entry.beaconAtMs = nowMs;
    return entry;
  }

  #improve(entry: JobEntry, record: JobRecord): void {
    const before = entry.record;
    if (recordVersion(record) === recordVersion(before)) return;
    entry.record = mergeRecords(before, record);
    if (entry.record === before) return;
    entry.sentAtMs.clear();
    entry.settledIn = undefined;
    if (entry.record.manifestDigest !== before.manifestDigest && isRunning(entry)) this.#supersede(entry);
  }

  /** The other side of a split planned the manifest that stays: work starts over with it. */
  #supersede(entry: JobEntry): void {
    if (entry.working) this.#effects.push({ kind: "rest", jobId: entry.id });
    entry.working = false;
    entry.rootHere = false;
    entry.doneBytes = 0;
    entry.doneSpans = 0;
  }

  #drop(entry: JobEntry): void {
    if (entry.working) this.#effects.push({ kind: "rest", jobId: entry.id });
    this.#entries.delete(entry.id);
    this.#active.delete(entry.id);
    this.#ended.add(entry.id);
    for (const oldest of this.#ended) {
      if (this.#ended.size <= MAX_ENDED) break;
      this.#ended.delete(oldest);
    }
  }

  #settle(nowMs: number, entry: JobEntry): void {
    this.#effects.push(...settle(entry, this.#view, this.#protocol, nowMs));
    if (isRunning(entry) || entry.shown !== entry.record) this.#active.add(entry.id);
    else this.#active.delete(entry.id);
  }
}
