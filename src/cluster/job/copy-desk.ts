/** Copies of job records as they come and go: those that peers want kept here, and what became of this node's own. */

import type { NodeId } from "../../base/ids.js";
import { isTerminal } from "../../job/status.js";
import { announcementOf, type Copy, type JobEntry } from "./job-entry.js";
import type { JobInput } from "./job-events.js";
import { compareStates, recordVersion } from "./job-record.js";
import type { JobTable } from "./job-table.js";

type Input<Kind extends JobInput["kind"]> = Extract<JobInput, { kind: Kind }>;

export class CopyDesk {
  readonly #table: JobTable;

  constructor(table: JobTable) {
    this.#table = table;
  }

  /** A peer wants a copy kept here. */
  replicate(nowMs: number, { caller, record }: Input<"replicate">): void {
    if (this.#table.refusesRetired(caller, record)) return;
    const entry = this.#table.adopt(nowMs, record);
    entry.kept = true;
    if (isTerminal(record.state) && compareStates(record.state, entry.record.state) < 0) {
      // It ended otherwise here, and that stands: whoever hands out the lesser end is to hear of it before it counts copies.
      const message = announcementOf(entry, this.#table.view);
      this.#table.effects.push({ kind: "confirm", caller, durable: "declined" }, { kind: "publish", message });
      this.#table.settle(nowMs, entry);
      return;
    }
    const version = recordVersion(entry.record);
    if (entry.copies.get(this.#table.view.self)?.version === version) {
      this.#table.effects.push({ kind: "confirm", caller, durable: true });
    } else {
      entry.confirmations.push({ caller, version });
    }
    this.#table.settle(nowMs, entry);
    this.#table.direct(nowMs, entry);
  }

  /** The record is on this node's disk, or could not be written. */
  stored(nowMs: number, { jobId, version, durable }: Input<"stored">): void {
    const entry = this.#table.get(jobId);
    if (entry === undefined) return;
    if (recordVersion(entry.record) === version) {
      if (durable) this.#kept(entry, this.#table.view.self, { version, incarnation: 0 });
      else entry.refusals.add(this.#table.view.self);
    }
    const waiting = entry.confirmations.splice(0);
    for (const confirmation of waiting) {
      if (confirmation.version !== version) entry.confirmations.push(confirmation);
      else this.#table.effects.push({ kind: "confirm", caller: confirmation.caller, durable });
    }
    this.#table.settle(nowMs, entry);
  }

  /** A peer has answered about a copy that it was handed. */
  replicated(nowMs: number, { jobId, version, to, incarnation, durable }: Input<"replicated">): void {
    const entry = this.#table.get(jobId);
    if (entry !== undefined && typeof durable === "boolean" && version === recordVersion(entry.record)) {
      if (durable) this.#kept(entry, to, { version, incarnation });
      else entry.refusals.add(to);
      this.#table.settle(nowMs, entry);
    }
    this.#table.answered(nowMs, to, jobId);
  }

  #kept(entry: JobEntry, by: NodeId, copy: Copy): void {
    entry.copies.set(by, copy);
    entry.refusals.delete(by);
  }
}
