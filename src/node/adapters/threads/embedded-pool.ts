/**
 * The map pool of a process that only answers its own question: the calling thread scans too, and helpers join it where
 * the input is large enough to pay for starting them. Groups stay in the threads' shared memories and are merged block by
 * block into the caller's; nothing is encoded unless someone asks.
 */

import { closeSync } from "node:fs";
import { tmpdir } from "node:os";
import type { Worker } from "node:worker_threads";
import { answerOf } from "../../../engine/finish/answer.js";
import { compileKernels, Kernels } from "../../../engine/kernels/kernels.js";
import type { SpilledRuns } from "../../../engine/partial/partial-spill.js";
import type { MapPlan, QueryPlan } from "../../../engine/plan.js";
import type { SpillHandle } from "../../../engine/spill-space.js";
import type { VertexAccumulator } from "../../../engine/vertex-accumulator.js";
import type { AnswerTable } from "../../../job/result.js";
import { threadMemoryBytes } from "../../memory-size.js";
import type { Cancel } from "../../ports/clock.js";
import type { MapPool, PartialHandle, ScanRange, ScanTask, TaskEvents } from "../../ports/map-pool.js";
import { SpillFile } from "../files/spill-file.js";
import { STDIN } from "../files/stdin-reader.js";
import {
  CANCELLED,
  CONTROL_SLOTS,
  receiveError,
  SCANNED_MIB,
  type ThreadReply,
  type ThreadRequest,
} from "./protocol.js";
import { makeQuota, quotaOf } from "./row-quota.js";
import { isStream, RangeScanner, ThreadAccumulator, USUAL_RATIO } from "./scanning.js";
import { startThread } from "./thread-pool.js";

const MIB = 1024 * 1024;
/** Small enough that threads finish together, large enough that the record cut at each border costs nothing. */
const CHUNK_BYTES = 4 * MIB;
/** A helper starts in about 20 ms, in which one thread scans some 60 MB. */
const MIN_BYTES_PER_THREAD = 48 * MIB;
const SPILL_WAY_OUT = "free some, name another directory with TMPDIR";

interface Helper {
  readonly worker: Worker;
  /** Rejects when the thread is gone, whenever that was. */
  readonly ended: Promise<never>;
}

interface Helped {
  readonly helper: Helper;
  readonly reply: ThreadReply;
}

class LocalPartial implements PartialHandle {
  readonly accumulator: VertexAccumulator;
  constructor(accumulator: VertexAccumulator) {
    this.accumulator = accumulator;
  }
  encoded(): Uint8Array {
    return this.accumulator.seal();
  }
}

/** Cuts ranges at multiples of the chunk size, in order; streams stay whole. */
function chunksOf<Source extends ScanSource>(ranges: readonly Source[], chunkBytes: number): readonly Source[] {
  return ranges.flatMap((range) => {
    if (isStream(range)) return [range];
    const chunks: Source[] = [];
    for (let { start } = range; start < range.end; start += chunkBytes) {
      chunks.push({ ...range, start, end: Math.min(start + chunkBytes, range.end) });
    }
    return chunks;
  });
}

/** What of a range decides how it is shared. */
export type ScanSource = Pick<ScanRange, "realPath" | "compression" | "start" | "end">;

/** How many of `mostThreads` pay for a scan, and the pieces that they share, in order. */
export function scanShape<Source extends ScanSource>(
  ranges: readonly Source[],
  mostThreads: number,
): { readonly threads: number; readonly chunks: readonly Source[] } {
  const helperCount = helpersFor(ranges, mostThreads);
  return {
    threads: 1 + helperCount,
    chunks: chunksOf(ranges, helperCount > 0 ? CHUNK_BYTES : Number.POSITIVE_INFINITY),
  };
}

/** What the owner of the pool wants to hear of its scan, besides the one who asked for it. */
export interface PoolObserver {
  onProgress(doneBytes: number): void;
  onFailed(error: Error): void;
}

export class EmbeddedPool implements MapPool {
  readonly threads: number;
  /** Threads of the last scan. */
  threadsUsed = 1;
  /** Groups of the last finished table. */
  groups = 0;
  /** How long the last scan took, from the first chunk to the last group of another thread that was merged. */
  scanMs = 0;
  #observer: PoolObserver | undefined;
  readonly #kernels: WebAssembly.Module;
  readonly #accumulators: ThreadAccumulator;
  readonly #helpers: Helper[] = [];
  /** Those that were started and have no work yet. */
  readonly #waiting: Helper[] = [];
  readonly #memoryBytes: number;
  readonly #space: SpillFile;
  /** Files of helpers, which are read when these may be gone. */
  readonly #helperFiles = new Set<SpillHandle>();
  #helperSpilledBytes = 0;

  /** `memoryBytes`: for the groups of all threads together. */
  constructor(threads: number, memoryBytes: number) {
    this.threads = threads;
    this.#memoryBytes = memoryBytes;
    this.#kernels = compileKernels();
    this.#space = new SpillFile(tmpdir(), SPILL_WAY_OUT);
    this.#accumulators = new ThreadAccumulator(Kernels.instantiate(this.#kernels));
  }

  /** Starts the helpers that such a scan will want, so that they are ready once it is planned. */
  expect(sources: readonly ScanSource[]): void {
    const count = helpersFor(sources, this.threads);
    const memoryBytes = threadMemoryBytes(this.#memoryBytes, 1 + count);
    for (let helper = 0; helper < count; helper += 1) this.#waiting.push(this.#startHelper(memoryBytes));
  }

  /** Bytes that were put out of memory. */
  get spilledBytes(): number {
    return this.#space.length + this.#helperSpilledBytes;
  }

  scan(task: ScanTask, events: TaskEvents<PartialHandle>): Cancel {
    const control = new Int32Array(new SharedArrayBuffer(CONTROL_SLOTS * Int32Array.BYTES_PER_ELEMENT));
    this.#scan(task, control, events).then(events.onDone, (error: Error) => this.#fail(events, error));
    return () => {
      Atomics.store(control, CANCELLED, 1);
    };
  }

  merge(map: MapPlan, partials: readonly Uint8Array[], events: TaskEvents<PartialHandle>): Cancel {
    return this.#answer(events, () => {
      const accumulator = this.#accumulators.begin(map);
      for (const partial of partials) accumulator.absorb(partial);
      return new LocalPartial(accumulator);
    });
  }

  /** The rows of the answer are good until the pool is closed, or used again. */
  finish(plan: QueryPlan, root: PartialHandle | Uint8Array, events: TaskEvents<AnswerTable>): Cancel {
    return this.#answer(events, () => {
      const accumulator = root instanceof LocalPartial ? root.accumulator : this.#load(plan.map, root);
      const { table, groups } = answerOf(plan, accumulator);
      this.groups = groups;
      return table;
    });
  }

  observe(observer: PoolObserver): void {
    this.#observer = observer;
  }

  close(): void {
    for (const { worker } of this.#helpers) void worker.terminate();
    for (const file of this.#helperFiles) closeSync(file);
    this.#helperFiles.clear();
    this.#space.close();
  }

  /** Computes at once; what cannot be computed, such as a sum that overflows, is the task's failure. */
  #answer<Result>(events: TaskEvents<Result>, compute: () => Result): Cancel {
    let result: Result;
    try {
      result = compute();
    } catch (error) {
      this.#fail(events, error instanceof Error ? error : new Error(String(error)));
      return () => {};
    }
    events.onDone(result);
    return () => {};
  }

  #fail(events: TaskEvents<never>, error: Error): void {
    this.#observer?.onFailed(error);
    events.onFailed(error);
  }

  #load(map: MapPlan, partial: PartialHandle | Uint8Array): VertexAccumulator {
    const accumulator = this.#accumulators.begin(map);
    accumulator.absorb(partial instanceof Uint8Array ? partial : partial.encoded());
    return accumulator;
  }

  /** Async in form; the calling thread is busy scanning until the shared list of chunks is empty. */
  async #scan(task: ScanTask, control: Int32Array, events: TaskEvents<PartialHandle>): Promise<PartialHandle> {
    const startedMs = performance.now();
    const totalBytes = task.ranges.reduce((sum, range) => sum + range.end - range.start, 0);
    const { threads, chunks } = scanShape(task.ranges, this.threads);
    const helperCount = threads - 1;
    const quota = makeQuota(chunks.length);
    this.threadsUsed = threads;
    const memoryBytes = threadMemoryBytes(this.#memoryBytes, threads);
    this.#accumulators.setBudget({ bytes: memoryBytes, space: this.#space });
    const helped: Promise<Helped>[] = [];
    for (let helper = 0; helper < helperCount; helper += 1) {
      helped.push(
        this.#help({ kind: "scan-shared", task: helper, map: task.map, chunks, control, quota }, memoryBytes),
      );
    }
    const accumulator = this.#accumulators.begin(task.map);
    const scanner = new RangeScanner(accumulator, control);
    let ownBytes = 0;
    try {
      scanner.scanShared(chunks, quotaOf(task.map, quota), (chunk) => {
        ownBytes += chunk.end - chunk.start;
        const doneBytes = Math.min(totalBytes, ownBytes + Atomics.load(control, SCANNED_MIB) * MIB);
        this.#observer?.onProgress(doneBytes);
        events.onProgress?.(doneBytes);
      });
    } finally {
      scanner.close();
    }
    for (const each of await Promise.all(helped)) this.#absorb(accumulator, each);
    this.scanMs = performance.now() - startedMs;
    return new LocalPartial(accumulator);
  }

  #absorb(accumulator: VertexAccumulator, { helper, reply }: Helped): void {
    if (reply.kind === "failed") throw receiveError(reply.error);
    if (reply.kind !== "rows") throw new Error(`A scanning thread answered with "${reply.kind}"`);
    accumulator.addCounters(reply.counters);
    if (reply.spilled === undefined) {
      for (const block of reply.blocks) accumulator.absorbRows(block);
      return;
    }
    for (const { handle, bytes } of filesOf(reply.spilled)) {
      this.#helperFiles.add(handle);
      this.#helperSpilledBytes += bytes;
    }
    accumulator.absorbRuns(reply.spilled);
    // What is left of it is in its file, and its memory is needed now.
    void helper.worker.terminate();
  }

  #startHelper(memoryBytes: number): Helper {
    const memory = { bytes: memoryBytes, directory: tmpdir(), wayOut: SPILL_WAY_OUT };
    const worker = startThread({ kernels: this.#kernels, memory }, { trackUnmanagedFds: false });
    const ended = new Promise<never>((_, reject) => {
      worker.on("error", reject);
      worker.on("exit", (code) => reject(new Error(`A scanning thread ended with code ${code}`)));
    });
    // Where the calling thread fails, its error is the answer, and nobody waits for the helpers' any more.
    ended.catch(() => undefined);
    const helper = { worker, ended };
    this.#helpers.push(helper);
    return helper;
  }

  #help(request: ThreadRequest, memoryBytes: number): Promise<Helped> {
    const helper = this.#waiting.pop() ?? this.#startHelper(memoryBytes);
    const { worker, ended } = helper;
    const answered = new Promise<Helped>((resolve) => {
      worker.on("message", (reply: ThreadReply) => resolve({ helper, reply }));
    });
    worker.postMessage(request);
    const reply = Promise.race([answered, ended]);
    reply.catch(() => undefined);
    return reply;
  }
}

/** Threads besides the calling one that are worth their start. */
function helpersFor(ranges: readonly ScanSource[], threads: number): number {
  if (ranges.some(({ realPath }) => realPath === STDIN)) return 0;
  const textBytes = ranges.reduce((sum, range) => {
    return sum + (range.end - range.start) * (range.compression === undefined ? 1 : USUAL_RATIO);
  }, 0);
  const affordable = Math.floor(textBytes / MIN_BYTES_PER_THREAD) - 1;
  const pieces = ranges.every(isStream) ? ranges.length : Number.POSITIVE_INFINITY;
  return Math.max(0, Math.min(threads, pieces, affordable + 1) - 1);
}

function filesOf(runs: SpilledRuns): readonly { readonly handle: SpillHandle; readonly bytes: number }[] {
  return runs.flat().map((run) => ({ handle: run.handle, bytes: run.partEnds.at(-1) ?? 0 }));
}
