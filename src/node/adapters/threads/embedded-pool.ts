/**
 * The map pool of a process that only answers its own question: the calling thread scans too, and helpers join it where
 * the input is large enough to pay for starting them. Groups stay in the threads' shared memories and are merged block by
 * block into the caller's; nothing is encoded unless someone asks.
 */

import type { Worker } from "node:worker_threads";
import { finishQuery } from "../../../engine/finish/finish-query.js";
import { compileKernels, Kernels } from "../../../engine/kernels/kernels.js";
import type { MapPlan, QueryPlan } from "../../../engine/plan.js";
import type { VertexAccumulator } from "../../../engine/vertex-accumulator.js";
import type { ResultTable } from "../../../job/result.js";
import type { Cancel } from "../../ports/clock.js";
import type { MapPool, PartialHandle, ScanRange, ScanTask, TaskEvents } from "../../ports/map-pool.js";
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

interface Helper {
  readonly worker: Worker;
  /** Rejects when the thread is gone, whenever that was. */
  readonly ended: Promise<never>;
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
  #observer: PoolObserver | undefined;
  readonly #kernels: WebAssembly.Module;
  readonly #accumulators: ThreadAccumulator;
  readonly #helpers: Helper[] = [];
  /** Those that were started and have no work yet. */
  readonly #waiting: Helper[] = [];

  constructor(threads: number) {
    this.threads = threads;
    this.#kernels = compileKernels();
    this.#accumulators = new ThreadAccumulator(Kernels.instantiate(this.#kernels));
  }

  /** Starts the helpers that such a scan will want, so that they are ready once it is planned. */
  expect(sources: readonly ScanSource[]): void {
    for (let helper = helpersFor(sources, this.threads); helper > 0; helper -= 1) {
      this.#waiting.push(this.#startHelper());
    }
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

  finish(plan: QueryPlan, root: PartialHandle | Uint8Array, events: TaskEvents<ResultTable>): Cancel {
    return this.#answer(events, () => {
      const accumulator = root instanceof LocalPartial ? root.accumulator : this.#load(plan.map, root);
      const rows = accumulator.rows();
      this.groups = rows.count;
      return finishQuery(plan, rows, accumulator.counters);
    });
  }

  observe(observer: PoolObserver): void {
    this.#observer = observer;
  }

  close(): void {
    for (const { worker } of this.#helpers) void worker.terminate();
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
    const totalBytes = task.ranges.reduce((sum, range) => sum + range.end - range.start, 0);
    const { threads, chunks } = scanShape(task.ranges, this.threads);
    const helperCount = threads - 1;
    const quota = makeQuota(chunks.length);
    this.threadsUsed = threads;
    const helped: Promise<ThreadReply>[] = [];
    for (let helper = 0; helper < helperCount; helper += 1) {
      helped.push(this.#help({ kind: "scan-shared", task: helper, map: task.map, chunks, control, quota }));
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
    for (const reply of await Promise.all(helped)) absorbReply(accumulator, reply);
    return new LocalPartial(accumulator);
  }

  #startHelper(): Helper {
    const worker = startThread(this.#kernels);
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

  #help(request: ThreadRequest): Promise<ThreadReply> {
    const { worker, ended } = this.#waiting.pop() ?? this.#startHelper();
    const answered = new Promise<ThreadReply>((resolve) => {
      worker.on("message", resolve);
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

function absorbReply(accumulator: VertexAccumulator, reply: ThreadReply): void {
  if (reply.kind === "failed") throw receiveError(reply.error);
  if (reply.kind !== "rows") throw new Error(`A scanning thread answered with "${reply.kind}"`);
  for (const block of reply.blocks) accumulator.absorbRows(block);
  accumulator.addCounters(reply.counters);
}
