/**
 * The map pool of a process that only answers its own question: the calling thread scans too, and helpers join it where
 * the input is large enough to pay for starting them. Groups stay in the threads' shared memories and are merged block by
 * block into the caller's; nothing is encoded unless someone asks.
 */

import { closeSync } from "node:fs";
import { tmpdir } from "node:os";
import { answerOf } from "../../../engine/finish/answer.js";
import { compileKernels, Kernels } from "../../../engine/kernels/kernels.js";
import type { SpilledRuns } from "../../../engine/partial/partial-spill.js";
import type { MapPlan, QueryPlan } from "../../../engine/plan.js";
import type { SpillHandle } from "../../../engine/spill-space.js";
import type { VertexAccumulator } from "../../../engine/vertex-accumulator.js";
import type { AnswerTable } from "../../../job/result.js";
import { NOTHING_SKIPPED, type SkippedRange } from "../../../job/skipped.js";
import { threadMemoryBytes } from "../../memory-size.js";
import type { Cancel } from "../../ports/clock.js";
import type { MapPool, PartialHandle, ScanTask, TaskEvents } from "../../ports/map-pool.js";
import { CompressedReader } from "../files/compressed-reader.js";
import { SpillFile } from "../files/spill-file.js";
import { STDIN } from "../files/stdin-reader.js";
import type { SoloRuns } from "../isolation/solo-runs.js";
import { monotonicMs } from "../process/clock.js";
import { chunksOf, type ScanSource } from "./chunks.js";
import { HelperThread } from "./helper-thread.js";
import type { ThreadMemory } from "./protocol.js";
import { isStream, ThreadAccumulator, USUAL_RATIO } from "./scanning.js";
import { sealedSlices } from "./sealed-slices.js";
import { SharedScan, type SharedScanCrew } from "./shared-scan.js";
import { MIN_BYTES_PER_THREAD } from "./thread-ahead.js";
import { THREAD_PROGRAM, type ThreadProgram } from "./thread-program.js";

const SPILL_WAY_OUT = "free some, name another directory with TMPDIR";

class LocalPartial implements PartialHandle {
  readonly accumulator: VertexAccumulator;
  readonly skipped: readonly SkippedRange[];
  constructor(accumulator: VertexAccumulator, skipped = NOTHING_SKIPPED) {
    this.accumulator = accumulator;
    this.skipped = skipped;
  }
  encoded(): Uint8Array {
    return this.accumulator.seal();
  }
}

/** How many of `mostThreads` pay for a scan, and the pieces that they share, in order. */
export function scanShape<Source extends ScanSource>(
  ranges: readonly Source[],
  mostThreads: number,
): { readonly threads: number; readonly chunks: readonly Source[] } {
  const helperCount = helpersFor(ranges, mostThreads);
  return {
    threads: 1 + helperCount,
    chunks: chunksOf(ranges),
  };
}

/** What the owner of the pool wants to hear of its scan, besides the one who asked for it. */
export interface PoolObserver {
  onProgress(doneBytes: number): void;
  onFailed(error: Error): void;
}

export class EmbeddedPool implements MapPool {
  readonly threads: number;
  readonly slices = sealedSlices();
  /** Threads of the last scan. */
  threadsUsed = 1;
  /** Groups of the last finished table. */
  groups = 0;
  /** How long the last scan took, from the first chunk to the last group of another thread that was merged. */
  scanMs = 0;
  #observer: PoolObserver | undefined;
  readonly #kernels: WebAssembly.Module;
  readonly #program: ThreadProgram;
  readonly #helpers: HelperThread[] = [];
  /** Those that were started and have no work yet. */
  readonly #waiting: HelperThread[] = [];
  /** The first file, where it is compressed: it takes longer than its scan. */
  #begun: { readonly path: string; readonly reader: CompressedReader } | undefined;
  #solos: SoloRuns | undefined;
  #accumulators: ThreadAccumulator;
  readonly #memoryBytes: number;
  readonly #space: SpillFile;
  /** Files of helpers, which are read when these may be gone. */
  readonly #helperFiles = new Set<SpillHandle>();
  #helperSpilledBytes = 0;

  /** `memoryBytes`: for the groups of all threads together. */
  constructor(threads: number, memoryBytes: number, program: ThreadProgram = THREAD_PROGRAM) {
    this.threads = threads;
    this.#program = program;
    this.#memoryBytes = memoryBytes;
    this.#kernels = compileKernels();
    this.#space = new SpillFile(tmpdir(), SPILL_WAY_OUT);
    this.#accumulators = new ThreadAccumulator(Kernels.instantiate(this.#kernels));
  }

  /** Starts the threads that such a scan will want, so that they are ready once it is planned. */
  expect(sources: readonly ScanSource[]): void {
    const [first] = sources;
    if (first?.compression !== undefined) {
      this.#begun = { path: first.realPath, reader: new CompressedReader(first.realPath, first.compression) };
    }
    const count = helpersFor(sources, this.threads);
    const memoryBytes = threadMemoryBytes(this.#memoryBytes, 1 + count);
    for (let helper = 0; helper < count; helper += 1) this.#waiting.push(this.#startHelper(memoryBytes));
  }

  /** Bytes that were put out of memory. */
  get spilledBytes(): number {
    return this.#space.length + this.#helperSpilledBytes;
  }

  scan(task: ScanTask, events: TaskEvents<PartialHandle>): Cancel {
    const { threads, chunks } = scanShape(task.ranges, this.threads);
    this.threadsUsed = threads;
    const scan = new SharedScan(this.#crewFor(task, threads, events), task);
    const startedMs = monotonicMs();
    scan.run(chunks, threads).then(
      () => {
        this.scanMs = monotonicMs() - startedMs;
        events.onDone(new LocalPartial(scan.accumulator, scan.skipped));
      },
      (error: Error) => this.#fail(events, error),
    );
    return () => scan.cancel();
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
    this.#solos?.close();
    this.#begun?.reader.close();
    for (const helper of this.#helpers) helper.close();
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

  #crewFor(task: ScanTask, threads: number, events: TaskEvents<PartialHandle>): SharedScanCrew {
    const memoryBytes = threadMemoryBytes(this.#memoryBytes, threads);
    const budget = { bytes: memoryBytes, space: this.#space };
    this.#accumulators.setBudget(budget);
    return {
      patienceMs: this.#program.patienceMs,
      takeReader: ({ realPath }) => {
        const reader = this.#begun?.path === realPath ? this.#begun.reader : undefined;
        if (reader !== undefined) this.#begun = undefined;
        return reader;
      },
      takeHelper: () => this.#waiting.pop() ?? this.#startHelper(memoryBytes),
      accumulator: (isFresh: boolean) => {
        if (isFresh) this.#accumulators = new ThreadAccumulator(Kernels.instantiate(this.#kernels), budget);
        return this.#accumulators.begin(task.map);
      },
      absorbSpilled: (accumulator, spilled) => {
        for (const { handle, bytes } of filesOf(spilled)) {
          this.#helperFiles.add(handle);
          this.#helperSpilledBytes += bytes;
        }
        accumulator.absorbRuns(spilled);
      },
      solos: () => this.#openSolos(memoryBytes),
      onProgress: (doneBytes) => {
        this.#observer?.onProgress(doneBytes);
        events.onProgress?.(doneBytes);
      },
    };
  }

  #startHelper(memoryBytes: number): HelperThread {
    const helper = new HelperThread(this.#program, { kernels: this.#kernels, memory: memoryOf(memoryBytes) });
    this.#helpers.push(helper);
    return helper;
  }

  /** Loaded when a thread has died: a short query is mostly loading. */
  async #openSolos(memoryBytes: number): Promise<SoloRuns> {
    const [{ SoloRuns }, { SuspectBook }] = await Promise.all([
      import("../isolation/solo-runs.js"),
      import("../isolation/suspect-book.js"),
    ]);
    this.#solos ??= new SoloRuns(this.#program, memoryOf(memoryBytes), new SuspectBook());
    return this.#solos;
  }
}

const memoryOf = (bytes: number): ThreadMemory => ({ bytes, directory: tmpdir(), wayOut: SPILL_WAY_OUT });

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
