/**
 * Jobs that have ended: how long a node keeps them, how many, and what it remembers of those that it let go.
 */

import type { JobId } from "../../base/ids.js";
import type { Protocol } from "../protocol.js";
import type { JobEntry } from "./job-entry.js";
import type { JobMemory } from "./job-memory.js";

/** So many ended jobs are remembered by id alone, so that late hints do not bring them back. */
const MAX_ENDED = 10_000;

export class EndedJobs {
  readonly #protocol: Protocol;
  readonly #gone = new Set<JobId>();
  /** Jobs that were kept for their time: their records, by manifest, are not taken again. */
  readonly #tombstones = new Map<JobId, string>();
  #rememberedAtMs: number | undefined;
  #isUnwritten = false;

  constructor(protocol: Protocol) {
    this.#protocol = protocol;
  }

  /** What an earlier life of this node let go. */
  recall({ tombstones }: JobMemory): void {
    for (const [id, digest] of tombstones) this.#tombstones.set(id, digest);
  }

  isGone(id: JobId): boolean {
    return this.#gone.has(id);
  }

  isBuried(id: JobId, manifestDigest: string): boolean {
    return this.#tombstones.get(id) === manifestDigest;
  }

  /** The job is known again. */
  returned(id: JobId): void {
    this.#gone.delete(id);
  }

  letGo(id: JobId): void {
    this.#gone.add(id);
    forgetOldest(this.#gone);
  }

  bury(id: JobId, manifestDigest: string): void {
    this.#tombstones.set(id, manifestDigest);
    forgetOldest(this.#tombstones);
    this.#isUnwritten = true;
  }

  /** Whether the job's time is over: a day where it is kept, less where it was only fetched for a client. */
  isOver(entry: JobEntry, nowMs: number): boolean {
    if (entry.endedAtMs === undefined) return false;
    const lifeMs = entry.kept ? this.#protocol.retentionMs : this.#protocol.fetchedMs;
    return nowMs - entry.endedAtMs >= lifeMs;
  }

  /** The oldest of the ended jobs that are more, or have more bytes of results, than a node keeps; never the youngest. */
  surplus(entries: readonly JobEntry[]): readonly JobEntry[] {
    const ended = entries.filter((entry) => entry.endedAtMs !== undefined);
    ended.sort((left, right) => (right.endedAtMs ?? 0) - (left.endedAtMs ?? 0));
    let bytes = 0;
    const first = ended.findIndex((entry, index) => {
      bytes += entry.record.result?.sizeBytes ?? 0;
      return index > 0 && (index >= this.#protocol.endedJobs || bytes > this.#protocol.endedResultBytes);
    });
    return first < 0 ? [] : ended.slice(first);
  }

  /** What to write down, if it is time; `isLast` when this life ends. */
  memory(entries: readonly JobEntry[], nowMs: number, isLast: boolean): JobMemory | undefined {
    this.#rememberedAtMs ??= nowMs;
    const isDue = nowMs - this.#rememberedAtMs >= this.#protocol.rememberAgesMs;
    const ended = entries.filter((entry) => entry.kept && entry.endedAtMs !== undefined);
    if (!this.#isUnwritten && (!(isDue || isLast) || ended.length === 0)) return undefined;
    this.#isUnwritten = false;
    this.#rememberedAtMs = nowMs;
    const ages = new Map(ended.map((entry) => [entry.id, nowMs - (entry.endedAtMs ?? nowMs)]));
    return { ages, tombstones: new Map(this.#tombstones) };
  }
}

function forgetOldest(remembered: Set<JobId> | Map<JobId, string>): void {
  for (const oldest of remembered.keys()) {
    if (remembered.size <= MAX_ENDED) return;
    remembered.delete(oldest);
  }
}
