/**
 * What nodes tell each other of jobs by gossip, and how far the roots here have come. News is hints only: whoever lacks
 * what a hint speaks of fetches the record.
 */

import type { JobId, NodeId } from "../../base/ids.js";
import { isTerminal } from "../../job/status.js";
import type { Protocol } from "../protocol.js";
import { announcementOf, isRunning, type JobEntry } from "./job-entry.js";
import { type BeaconEntry, beaconsOf, type JobAnnouncement, type JobMessage } from "./job-messages.js";
import { compareStates, recordVersion } from "./job-record.js";
import type { JobTable } from "./job-table.js";

export class JobNews {
  readonly #table: JobTable;
  readonly #protocol: Protocol;
  /** Jobs that were announced as new, until their record is here. */
  readonly #new = new Set<JobId>();
  #beaconAtMs = Number.NEGATIVE_INFINITY;

  constructor(table: JobTable, protocol: Protocol) {
    this.#table = table;
    this.#protocol = protocol;
  }

  hear(nowMs: number, from: NodeId, message: JobMessage): void {
    switch (message.kind) {
      case "beacon":
        for (const heard of message.jobs) this.#onBeacon(nowMs, from, heard);
        break;
      case "retired":
        this.#table.onRetired(message);
        break;
      case "announce":
        this.#onAnnouncement(nowMs, from, message);
        break;
    }
  }

  /** The record of a job has come from a peer. */
  found(entry: JobEntry): void {
    if (this.#new.delete(entry.id)) entry.isNew = true;
  }

  /** The root that `root` computes has come so far. */
  advance(nowMs: number, id: JobId, done: Pick<BeaconEntry, "doneBytes" | "doneSpans">, root: NodeId): void {
    const entry = this.#table.get(id);
    if (entry === undefined || !isRunning(entry)) return;
    entry.root = root;
    if (done.doneBytes <= entry.doneBytes && done.doneSpans <= entry.doneSpans) return;
    entry.doneBytes = Math.max(entry.doneBytes, done.doneBytes);
    entry.doneSpans = Math.max(entry.doneSpans, done.doneSpans);
    // A root that is ill may take for ever: the next in rank begins another, which finds what is done.
    if (!this.#isIll(root)) entry.grownAtMs = nowMs;
    this.#table.settle(nowMs, entry);
  }

  #isIll(root: NodeId): boolean {
    const { self, members } = this.#table.view;
    return root !== self && members.some(({ id, demoted }) => id === root && demoted === true);
  }

  /** The coverage of the roots here, once a second. */
  tick(nowMs: number): void {
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

  #onAnnouncement(nowMs: number, from: NodeId, message: JobAnnouncement): void {
    const entry = this.#table.get(message.jobId);
    const running = message.state === "RUNNING";
    const order = entry === undefined ? 0 : compareStates(message.state, entry.record.state);
    if (entry === undefined) {
      if (running && message.isNew === true) this.#new.add(message.jobId);
      if (running) this.#fetchFrom(from, message.jobId);
      return;
    }
    if (message.isNew === true && !entry.isNew && isRunning(entry)) {
      entry.isNew = true;
      if (entry.working) this.#table.work(entry);
      this.#table.direct(nowMs, entry);
    }
    if (entry.record.manifestDigest === message.manifestDigest && order <= 0) {
      if (order === 0) this.#onCopies(nowMs, entry, message);
      // A job may end in two ways on two nodes, as one that is cancelled while it completes: the later state stands.
      else if (!running) this.#tell(from, entry);
      return;
    }
    // An end that was shown here stays known: whoever asks again may otherwise be told by a peer that has not heard of it.
    const concerned = entry.kept || entry.rootHere || entry.clients.length > 0 || isTerminal(entry.shown.state);
    if (running || concerned) this.#fetchFrom(from, message.jobId);
    else this.#table.drop(entry);
  }

  /** Someone tells who has the version that is known here. */
  #onCopies(nowMs: number, entry: JobEntry, { copies }: JobAnnouncement): void {
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
      this.#tell(from, entry);
      return;
    }
    entry.beaconAtMs = nowMs;
    this.advance(nowMs, heard.jobId, heard, from);
    this.#table.direct(nowMs, entry);
  }

  #tell(to: NodeId, entry: JobEntry): void {
    this.#table.effects.push({ kind: "send", to, message: announcementOf(entry, this.#table.view) });
  }

  #fetchFrom(from: NodeId, id: JobId): void {
    if (this.#table.hasEnded(id) || from === this.#table.view.self) return;
    this.#table.effects.push({ kind: "fetch", from, jobId: id });
  }
}
