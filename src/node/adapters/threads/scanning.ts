/** What every scanning thread does, worker or main: ranges of files into one accumulator. */

import type { ByteReader } from "../../../engine/byte-reader.js";
import type { Kernels } from "../../../engine/kernels/kernels.js";
import { type MapPlan, mapPlanDigest } from "../../../engine/plan.js";
import type { MemoryBudget } from "../../../engine/spill-space.js";
import { type ScanEvents, VertexAccumulator } from "../../../engine/vertex-accumulator.js";
import type { ScanRange } from "../../ports/map-pool.js";
import { CompressedReader } from "../files/compressed-reader.js";
import { FileReader } from "../files/file-reader.js";
import { openStdin, STDIN } from "../files/stdin-reader.js";
import { CANCELLED, NEXT_CHUNK } from "./protocol.js";
import type { RowQuota } from "./row-quota.js";

/** Thrown out of a scan whose asker went away. */
class ScanCancelled extends Error {
  readonly code = "cancelled";
  constructor() {
    super("The scan was cancelled");
    this.name = "ScanCancelled";
  }
}

/** One accumulator a thread: the kernels' memory is its table, and is kept warm between tasks of one plan. */
export class ThreadAccumulator {
  readonly #kernels: Kernels;
  #budget: MemoryBudget | undefined;
  #current: VertexAccumulator | undefined;
  #digest: string | undefined;

  /** Without a budget, all groups stay in memory. */
  constructor(kernels: Kernels, budget?: MemoryBudget) {
    this.#kernels = kernels;
    this.#budget = budget;
  }

  /** Of what is begun from now on. */
  setBudget(budget: MemoryBudget): void {
    this.#budget = budget;
    this.#current = undefined;
  }

  /** An empty accumulator for the plan. What an earlier call returned is void. */
  begin(map: MapPlan): VertexAccumulator {
    const digest = mapPlanDigest(map);
    if (this.#current !== undefined && this.#digest === digest) {
      this.#current.reset();
      return this.#current;
    }
    this.#budget?.space.clear();
    this.#current = new VertexAccumulator(this.#kernels, map, undefined, this.#budget);
    this.#digest = digest;
    return this.#current;
  }
}

/** Opens each file once for as long as consecutive ranges read it. */
export class RangeScanner {
  readonly #accumulator: VertexAccumulator;
  readonly #control: Int32Array;
  #reader: ByteReader | undefined;
  #path: string | undefined;

  constructor(accumulator: VertexAccumulator, control: Int32Array) {
    this.#accumulator = accumulator;
    this.#control = control;
  }

  /** Throws {@link ScanCancelled} once the control block says so. */
  scan(range: ScanRange, events: ScanEvents = {}): number {
    if (Atomics.load(this.#control, CANCELLED) !== 0) throw new ScanCancelled();
    const { isEnough } = events;
    return this.#accumulator.scan(this.#readerOf(range), isStream(range) ? endless(range) : range, {
      onProgress: (doneBytes) => {
        if (Atomics.load(this.#control, CANCELLED) !== 0) throw new ScanCancelled();
        events.onProgress?.(isStream(range) ? streamProgress(range, doneBytes) : doneBytes);
      },
      ...(isEnough === undefined ? {} : { isEnough }),
    });
  }

  /** Takes chunks off the shared list until it is empty, or until the quota of rows is filled. */
  scanShared(chunks: readonly ScanRange[], quota: RowQuota | undefined, onChunk: (chunk: ScanRange) => void): void {
    while (true) {
      const index = Atomics.add(this.#control, NEXT_CHUNK, 1);
      const chunk = chunks[index];
      if (chunk === undefined || quota?.isBeyond(index) === true) return;
      const rows = this.scan(
        chunk,
        quota === undefined ? {} : { isEnough: (answered) => quota.isEnough(index, answered) },
      );
      quota?.note(index, rows);
      onChunk(chunk);
    }
  }

  close(): void {
    this.#reader?.close();
    this.#reader = undefined;
    this.#path = undefined;
  }

  #readerOf(range: ScanRange): ByteReader {
    if (this.#reader !== undefined && this.#path === range.realPath) return this.#reader;
    this.close();
    this.#reader = openReader(range);
    this.#path = range.realPath;
    return this.#reader;
  }
}

/** Whether it is read front to back, by one thread, to an end that is not known. */
export const isStream = (range: Pick<ScanRange, "realPath" | "compression">): boolean =>
  range.realPath === STDIN || range.compression !== undefined;

/** How much larger the text of a compressed log is, about. */
export const USUAL_RATIO = 10;

/**
 * About how many bytes of a stream so much text stands for: it always advances, and is never more than there are. How far
 * the decompressor has come is not asked: it runs ahead.
 */
function streamProgress({ start, end }: ScanRange, textBytes: number): number {
  const size = end - start;
  return size === 0 ? 0 : size * (1 - Math.exp(-textBytes / (USUAL_RATIO * size)));
}

function openReader({ realPath, compression, scanSize, fileName }: ScanRange): ByteReader {
  if (realPath === STDIN) return openStdin(0);
  return compression === undefined
    ? new FileReader(realPath, scanSize, fileName)
    : new CompressedReader(realPath, compression, fileName);
}

/** A stream is read until it ends, whatever length stands for it in the tree of its job. */
const endless = (range: ScanRange): ScanRange => ({
  ...range,
  end: Number.POSITIVE_INFINITY,
  scanSize: Number.POSITIVE_INFINITY,
});
