/**
 * Jobs that have ended: how long a node keeps them, how many, and what it remembers of those that it let go.
 */

import { assert } from "../../base/assert.js";
import type { JobId } from "../../base/ids.js";
import type { Protocol } from "../protocol.js";
import type { JobEntry } from "./job-entry.js";
import type { JobMemory } from "./job-memory.js";

/** So many ended jobs are remembered by id alone, so that late hints do not bring them back. */
const MAX_ENDED = 10_000;
/** Of how many a tick looks whether their time is over: all have their turn within some ticks. */
const LOOKED_AT_ONCE = 100;

/** A job and what its result takes, by which it is counted until it goes. */
interface Ended {
  readonly entry: JobEntry;
  readonly endedAtMs: number;
  readonly resultBytes: number;
}

export class EndedJobs {
  readonly #protocol: Protocol;
  /** Those that are kept, the oldest first. */
  readonly #kept: Ended[] = [];
  #keptBytes = 0;
  /** Whose turn it is to be looked at. */
  #next = 0;
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

  /** The job has ended, and is kept from now on; one that it was kept for before counts as kept for so long. */
  add(entry: JobEntry, nowMs: number): void {
    const endedAtMs = nowMs - entry.agedMs;
    const resultBytes = entry.record.result?.sizeBytes ?? 0;
    entry.endedAtMs = endedAtMs;
    this.#kept.splice(this.#placeAfter(endedAtMs), 0, { entry, endedAtMs, resultBytes });
    this.#keptBytes += resultBytes;
  }

  /** It is not kept any longer, or has ended otherwise. */
  remove(entry: JobEntry): void {
    const { endedAtMs } = entry;
    if (endedAtMs === undefined) return;
    entry.endedAtMs = undefined;
    let at = this.#placeAfter(endedAtMs) - 1;
    while (at >= 0 && this.#kept[at]?.entry !== entry) at -= 1;
    const [removed] = this.#kept.splice(at, 1);
    assert(removed?.entry === entry, "an ended job is among those that are kept");
    this.#keptBytes -= removed.resultBytes;
  }

  /** The first place behind all that ended until then. */
  #placeAfter(endedAtMs: number): number {
    let low = 0;
    let high = this.#kept.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const ended = this.#kept[middle];
      if (ended !== undefined && ended.endedAtMs <= endedAtMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** At most so many, the one that ended last first. */
  youngest(most: number): readonly JobEntry[] {
    return this.#kept
      .slice(Math.max(0, this.#kept.length - most))
      .reverse()
      .map(({ entry }) => entry);
  }

  /** The oldest of the ended jobs that are more, or have more bytes of results, than a node keeps; never the youngest. */
  surplus(): readonly JobEntry[] {
    const { endedJobs, endedResultBytes } = this.#protocol;
    let jobs = this.#kept.length;
    let bytes = this.#keptBytes;
    const surplus: JobEntry[] = [];
    for (const { entry, resultBytes } of this.#kept) {
      if (jobs <= 1 || (jobs <= endedJobs && bytes <= endedResultBytes)) break;
      surplus.push(entry);
      jobs -= 1;
      bytes -= resultBytes;
    }
    return surplus;
  }

  /** Of the next few in turn, those whose time is over: a day where they are kept, less where they were only fetched. */
  overdue(nowMs: number): readonly JobEntry[] {
    const { retentionMs, fetchedMs } = this.#protocol;
    const overdue: JobEntry[] = [];
    for (let looked = Math.min(LOOKED_AT_ONCE, this.#kept.length); looked > 0; looked -= 1) {
      if (this.#next >= this.#kept.length) this.#next = 0;
      const ended = this.#kept[this.#next];
      this.#next += 1;
      if (ended === undefined) continue;
      const lifeMs = ended.entry.kept ? retentionMs : fetchedMs;
      if (nowMs - ended.endedAtMs >= lifeMs) overdue.push(ended.entry);
    }
    return overdue;
  }

  /** What to write down, if it is time; `isLast` when this life ends. */
  memory(nowMs: number, isLast: boolean): JobMemory | undefined {
    this.#rememberedAtMs ??= nowMs;
    const isDue = nowMs - this.#rememberedAtMs >= this.#protocol.rememberAgesMs;
    if (!(isDue || isLast || this.#isUnwritten)) return undefined;
    const ended = this.#kept.filter(({ entry }) => entry.kept);
    if (!this.#isUnwritten && ended.length === 0) return undefined;
    this.#isUnwritten = false;
    this.#rememberedAtMs = nowMs;
    const ages = new Map(ended.map(({ entry, endedAtMs }) => [entry.id, nowMs - endedAtMs]));
    return { ages, tombstones: new Map(this.#tombstones) };
  }
}

function forgetOldest(remembered: Set<JobId> | Map<JobId, string>): void {
  for (const oldest of remembered.keys()) {
    if (remembered.size <= MAX_ENDED) return;
    remembered.delete(oldest);
  }
}
