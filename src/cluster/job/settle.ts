/** What follows from an entry's state after each input: copies, acknowledgements, news for those who wait. */

import { isTerminal, type JobStatus } from "../../job/status.js";
import type { View } from "../member.js";
import type { Protocol } from "../protocol.js";
import type { CopiesUnderWay } from "./copies-under-way.js";
import { announcementOf, copiesOf, isRunning, type JobEntry, neededCopies, type PendingSubmit } from "./job-entry.js";
import type { JobEffect } from "./job-events.js";
import { replicationEffects } from "./replication.js";

export interface Surroundings {
  readonly view: View;
  readonly protocol: Protocol;
  readonly underWay: CopiesUnderWay;
}

export function settle(
  entry: JobEntry,
  { view, protocol, underWay }: Surroundings,
  nowMs: number,
  statusOf: (entry: JobEntry) => JobStatus,
): JobEffect[] {
  const effects: JobEffect[] = [];
  show(entry, view, protocol, effects);
  effects.push(...replicationEffects(entry, view, protocol, underWay, nowMs));
  acknowledge(entry, view, protocol, nowMs, effects);
  informClients(entry, statusOf, effects);
  return effects;
}

/** A terminal record is shown once as many copies are durable as the loss of one disk asks for, or as disks take. */
function show(entry: JobEntry, view: View, protocol: Protocol, effects: JobEffect[]): void {
  if (entry.shown === entry.record) return;
  if (!isRunning(entry) && copiesOf(entry, view) < neededCopies(entry, view, protocol)) return;
  entry.shown = entry.record;
  if (isTerminal(entry.shown.state) && entry.isMaker) {
    effects.push({ kind: "publish", message: announcementOf(entry, view) });
  }
}

function acknowledge(entry: JobEntry, view: View, protocol: Protocol, nowMs: number, effects: JobEffect[]): void {
  if (entry.submits.length === 0) return;
  const copies = copiesOf(entry, view);
  const waiting = entry.submits.splice(0);
  for (const submit of waiting) {
    const outcome = outcomeOf(submit, copies, neededCopies(entry, view, protocol), protocol, nowMs);
    if (outcome === "wait") entry.submits.push(submit);
    else {
      const wanted = submit.wanted ?? 1;
      effects.push({
        kind: "submitted",
        callers: [submit.caller],
        jobId: entry.id,
        outcome: outcome === "enough" ? { kind: "acknowledged", copies } : { kind: "too-few-copies", copies, wanted },
      });
    }
  }
}

function outcomeOf(
  submit: PendingSubmit,
  copies: number,
  needed: number,
  protocol: Protocol,
  nowMs: number,
): "wait" | "enough" | "too-few" {
  const waitedMs = nowMs - submit.sinceMs;
  if (copies >= (submit.wanted ?? needed)) return "enough";
  if (submit.wanted === undefined && copies >= 1 && waitedMs >= protocol.acknowledgeMs) return "enough";
  return waitedMs >= protocol.durabilityMs ? "too-few" : "wait";
}

/** Watchers hear every change; those who wait for the end hear it once, with the record. */
function informClients(entry: JobEntry, statusOf: (entry: JobEntry) => JobStatus, effects: JobEffect[]): void {
  const isOfInterest = isTerminal(entry.shown.state) || entry.clients.some((client) => client.wish === "watch");
  if (entry.clients.length === 0 || !isOfInterest) return;
  const status = statusOf(entry);
  const ended = isTerminal(status.state);
  const text = JSON.stringify(status);
  for (const client of entry.clients) {
    if (client.wish === "watch" && client.told !== text) {
      client.told = text;
      effects.push({ kind: "status", caller: client.caller, status });
    } else if (client.wish === "result" && ended) {
      effects.push({ kind: "ended", caller: client.caller, record: entry.shown, status });
    } else if (client.wish === "cancel" && ended) {
      effects.push({ kind: "status", caller: client.caller, status });
    }
  }
  if (ended) entry.clients.length = 0;
}
