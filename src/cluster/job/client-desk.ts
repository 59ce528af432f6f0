/** The clients who ask this node about jobs, those it knows and those it has to look up. */

import type { JobId, NodeId } from "../../base/ids.js";
import { isRunning, type JobEntry } from "./job-entry.js";
import type { Caller, ClientWish } from "./job-events.js";
import { failedRecord } from "./job-record.js";
import type { JobTable } from "./job-table.js";
import type { Lookups } from "./lookups.js";

export interface Question {
  readonly caller: Caller;
  readonly wish: ClientWish;
}

export class ClientDesk {
  readonly #table: JobTable;
  readonly #lookups: Lookups;
  /** Clients whose job is being looked up. */
  readonly #waiting = new Map<JobId, readonly Question[]>();

  constructor(table: JobTable, lookups: Lookups) {
    this.#table = table;
    this.#lookups = lookups;
  }

  get isBusy(): boolean {
    return this.#waiting.size > 0;
  }

  ask(nowMs: number, id: JobId, question: Question): void {
    const entry = this.#table.get(id);
    if (entry !== undefined) {
      this.#answer(nowMs, entry, question);
      return;
    }
    this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), question]);
    this.#table.effects.push(...this.#lookups.start(id, "everyone", this.#table.view, nowMs));
  }

  /** A lookup has found the job. */
  found(nowMs: number, entry: JobEntry): void {
    const questions = this.#take(entry.id);
    for (const question of questions) this.#answer(nowMs, entry, question);
  }

  /** Nobody who answered knows the job; `silent` may. */
  notFound(id: JobId, silent: readonly NodeId[]): void {
    for (const { caller, wish } of this.#take(id)) {
      const nothing = { caller, status: undefined, silent };
      this.#table.effects.push(
        wish === "result" ? { kind: "ended", record: undefined, ...nothing } : { kind: "status", ...nothing },
      );
    }
  }

  forget(caller: Caller): void {
    for (const entry of this.#table.active()) {
      const at = entry.clients.findIndex((client) => client.caller === caller);
      if (at >= 0) entry.clients.splice(at, 1);
    }
    for (const [id, questions] of this.#waiting) {
      const rest = questions.filter((question) => question.caller !== caller);
      if (rest.length > 0) this.#waiting.set(id, rest);
      else this.#waiting.delete(id);
    }
  }

  #take(id: JobId): readonly Question[] {
    const questions = this.#waiting.get(id) ?? [];
    this.#waiting.delete(id);
    return questions;
  }

  #answer(nowMs: number, entry: JobEntry, { caller, wish }: Question): void {
    if (wish === "status") {
      this.#table.effects.push({ kind: "status", caller, status: this.#table.statusOf(entry) });
      return;
    }
    entry.clients.push({ caller, wish, told: "" });
    if (wish === "cancel" && isRunning(entry)) {
      const failure = { code: "CANCELLED" as const, message: "the job was cancelled" };
      this.#table.make(nowMs, entry, failedRecord(entry.record, failure));
      return;
    }
    this.#table.settle(nowMs, entry);
    this.#table.direct(nowMs, entry);
  }
}
