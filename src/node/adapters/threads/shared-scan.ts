/**
 * One scan of a process that scans on its own thread too. Threads that die, the own one included, lose what they had; it is
 * scanned again by fresh ones, but for the chunk that a thread was at: that one runs alone, in a child process.
 */

import { assert } from "../../../base/assert.js";
import type { ByteReader } from "../../../engine/byte-reader.js";
import type { SpilledRuns } from "../../../engine/partial/partial-spill.js";
import type { VertexAccumulator } from "../../../engine/vertex-accumulator.js";
import type { SkippedRange } from "../../../job/skipped.js";
import type { ScanRange, ScanTask } from "../../ports/map-pool.js";
import { STDIN } from "../files/stdin-reader.js";
import { OwnDeadline } from "../isolation/own-deadline.js";
import { pieceOf } from "../isolation/piece.js";
import type { SoloOutcome, SoloRuns } from "../isolation/solo-runs.js";
import { type ChunkLedger, newLedger } from "./chunk-ledger.js";
import type { HelperThread } from "./helper-thread.js";
import { isOperatingError, receiveError, type ThreadReply, type ThreadRequest } from "./protocol.js";
import { makeQuota, quotaOf, type RowQuota } from "./row-quota.js";
import { ChunkScanner, isStream, USUAL_RATIO } from "./scanning.js";

const MIB = 1024 * 1024;
/** The calling thread's number in the ledger; helpers come after it. */
const OWN = 0;
/** What the calling thread scans under one deadline. */
const SLICE_BYTES = 64 * MIB;
/** What takes no longer than a thread's patience: a disk that is slower costs a retry in a thread whose steps are watched. */
const PATIENT_BYTES = 32 * MIB;
/** Threads that die more often over one scan do not die of its bytes. */
const MAX_DEATHS = 8;

export interface SharedScanCrew {
  readonly patienceMs: number;
  readonly takeHelper: () => HelperThread;
  /** One that has begun to read the range, for the calling thread. */
  readonly takeReader: (range: ScanRange) => ByteReader | undefined;
  /** An empty accumulator of the calling thread, in kernels that are as new if `isFresh`. */
  readonly accumulator: (isFresh: boolean) => VertexAccumulator;
  /** Takes over what a helper has put out of memory. */
  readonly absorbSpilled: (accumulator: VertexAccumulator, spilled: SpilledRuns) => void;
  readonly solos: () => Promise<SoloRuns>;
  readonly onProgress: (doneBytes: number) => void;
}

/** A helper that has done its part. */
interface Helped {
  readonly helper: HelperThread;
  readonly reply: ThreadReply;
}

/** What a thread left behind that died: chunks to scan again, and the one that it was at. */
interface Loss {
  readonly chunks: readonly ScanRange[];
  readonly suspect: ScanRange | undefined;
  readonly error: Error;
}

export class SharedScan {
  readonly #crew: SharedScanCrew;
  readonly #task: ScanTask;
  readonly #totalBytes: number;
  readonly #skipped: SkippedRange[] = [];
  #accumulator: VertexAccumulator;
  #ledger: ChunkLedger;
  #deaths = 0;
  #isCancelled = false;

  constructor(crew: SharedScanCrew, task: ScanTask) {
    this.#crew = crew;
    this.#task = task;
    this.#totalBytes = task.ranges.reduce((sum, range) => sum + range.end - range.start, 0);
    this.#accumulator = crew.accumulator(false);
    this.#ledger = newLedger(0, 0);
  }

  get accumulator(): VertexAccumulator {
    return this.#accumulator;
  }

  get skipped(): readonly SkippedRange[] {
    return this.#skipped;
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#ledger.cancel();
  }

  /** Scans the chunks with so many threads, the calling one among them. Throws what a scan throws. */
  async run(chunks: readonly ScanRange[], threads: number): Promise<void> {
    const losses: Loss[] = [];
    const quota = this.#begin(chunks, threads);
    const helped = Array.from({ length: threads - 1 }, (_, helper) => this.#help(chunks, quota, 1 + helper));
    const own = this.#scanHere(chunks, quotaOf(this.#task.map, quota));
    if (own !== undefined) {
      // Of memory in which a kernel stopped midway nothing can be trusted.
      this.#accumulator = this.#crew.accumulator(true);
      losses.push(own);
    }
    losses.push(...(await this.#absorb(helped)));
    losses.push(...this.#untaken(chunks, losses[0]));
    await this.#recover(losses);
  }

  #begin(chunks: readonly ScanRange[], threads: number): Int32Array {
    this.#ledger = newLedger(chunks.length, threads);
    if (this.#isCancelled) this.#ledger.cancel();
    return makeQuota(chunks.length);
  }

  /** Scans until no chunk is left; returns what is lost if the thread may not go on. */
  #scanHere(chunks: readonly ScanRange[], quota: RowQuota | undefined): Loss | undefined {
    const ledger = this.#ledger;
    const scanner = new ChunkScanner(this.#accumulator, ledger, OWN, this.#crew.takeReader);
    const deadline = new OwnDeadline();
    const sliceMs = this.#sliceMs(chunks);
    let ownBytes = 0;
    const slice = (): boolean =>
      scanner.scan(
        chunks,
        quota,
        {
          onDone: (chunk) => {
            ownBytes += chunk.end - chunk.start;
            this.#crew.onProgress(Math.min(this.#totalBytes, ownBytes + ledger.scannedMib * MIB));
          },
        },
        SLICE_BYTES,
      );
    try {
      let isMore = true;
      while (isMore) isMore = sliceMs === undefined ? slice() : deadline.run(sliceMs, slice);
      return undefined;
    } catch (error) {
      if (isOperatingError(error) || chunks.some(isStdin)) throw error;
      return this.#lossOf(chunks, ledger, OWN, error instanceof Error ? error : new Error(String(error)));
    } finally {
      scanner.close();
    }
  }

  /** Undefined where nobody can say when the next byte comes. */
  #sliceMs(chunks: readonly ScanRange[]): number | undefined {
    if (chunks.some(isStdin)) return undefined;
    const largest = chunks.reduce((most, chunk) => {
      return Math.max(most, (chunk.end - chunk.start) * (isStream(chunk) ? USUAL_RATIO : 1));
    }, 0);
    return Math.round(this.#crew.patienceMs * (1 + (SLICE_BYTES + largest) / PATIENT_BYTES));
  }

  /** Puts a helper on the shared list; resolves with its groups, or with what is lost with it. */
  async #help(chunks: readonly ScanRange[], quota: Int32Array, thread: number): Promise<Helped | Loss> {
    const ledger = this.#ledger;
    const { map } = this.#task;
    const request: ThreadRequest = {
      kind: "scan-shared",
      task: thread,
      map,
      chunks,
      ledger: ledger.shared,
      thread,
      quota,
    };
    const helper = this.#crew.takeHelper();
    const outcome = await helper.run(request, () => ledger.stepsOf(thread));
    return outcome instanceof Error ? this.#lossOf(chunks, ledger, thread, outcome) : { helper, reply: outcome };
  }

  /** Takes over the groups of the helpers; returns what is lost of others. */
  async #absorb(helped: readonly Promise<Helped | Loss>[]): Promise<readonly Loss[]> {
    const losses: Loss[] = [];
    for (const outcome of await Promise.all(helped)) {
      if ("helper" in outcome) this.#absorbOne(outcome);
      else losses.push(outcome);
    }
    return losses;
  }

  #absorbOne({ helper, reply }: Helped): void {
    if (reply.kind === "failed") throw receiveError(reply.error);
    assert(reply.kind === "rows", "a helper answers with its groups");
    this.#accumulator.addCounters(reply.counters, reply.coverageBytes);
    for (const block of reply.blocks) this.#accumulator.absorbRows(block);
    if (reply.spilled === undefined) return;
    this.#crew.absorbSpilled(this.#accumulator, reply.spilled);
    // What is left of it is in its file, and its memory is needed now.
    helper.close();
  }

  #lossOf(chunks: readonly ScanRange[], ledger: ChunkLedger, thread: number, error: Error): Loss {
    const current = ledger.currentOf(thread);
    const lost = ledger.takenBy(thread).filter((chunk) => chunk !== current);
    return {
      chunks: lost.flatMap((index) => chunks[index] ?? []),
      suspect: current === undefined ? undefined : chunks[current],
      error,
    };
  }

  /** What was left on the list because every thread died. */
  #untaken(chunks: readonly ScanRange[], loss: Loss | undefined): readonly Loss[] {
    const untaken = loss === undefined ? [] : this.#ledger.untaken;
    if (loss === undefined || untaken.length === 0) return [];
    return [{ chunks: untaken.flatMap((index) => chunks[index] ?? []), suspect: undefined, error: loss.error }];
  }

  /** Scans again what was lost, in a helper whose steps are watched, and suspects alone. */
  async #recover(losses: readonly Loss[]): Promise<void> {
    const lost = losses.flatMap((loss) => loss.chunks);
    const suspects = losses.flatMap((loss) => loss.suspect ?? []);
    const [first] = losses;
    if (first === undefined) return;
    this.#deaths += losses.length;
    if (this.#deaths > MAX_DEATHS) throw first.error;
    if (lost.length > 0) {
      const quota = this.#begin(lost, 1);
      const again = await this.#absorb([this.#help(lost, quota, OWN)]);
      await this.#recover([...again, ...this.#untaken(lost, again[0])]);
    }
    for (const suspect of suspects) await this.#runAlone(suspect);
  }

  async #runAlone(chunk: ScanRange): Promise<void> {
    const piece = pieceOf(this.#task.work, chunk);
    const solos = await this.#crew.solos();
    const outcome = await new Promise<SoloOutcome>((resolve) => {
      solos.run(piece, this.#task.map, chunk, resolve);
    });
    if (outcome.kind === "failed") throw outcome.error;
    if (outcome.kind === "partial") this.#accumulator.absorb(outcome.partial);
    else this.#skipped.push({ file: chunk.fileIndex, start: chunk.start, end: chunk.end });
  }
}

const isStdin = ({ realPath }: ScanRange): boolean => realPath === STDIN;
