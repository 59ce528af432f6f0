/** What every scanning thread does, worker or main: ranges of files into one accumulator. */

import type { ByteReader } from "../../../engine/byte-reader.js";
import type { Kernels } from "../../../engine/kernels/kernels.js";
import { type MapPlan, mapPlanDigest } from "../../../engine/plan.js";
import type { Sight } from "../../../engine/plan-time.js";
import type { MemoryBudget } from "../../../engine/spill-space.js";
import { type ScanEvents, VertexAccumulator } from "../../../engine/vertex-accumulator.js";
import type { ScanRange } from "../../ports/map-pool.js";
import { CompressedReader } from "../files/compressed-reader.js";
import { FileReader } from "../files/file-reader.js";
import { openStdin, STDIN } from "../files/stdin-reader.js";
import type { ChunkLedger } from "./chunk-ledger.js";
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
  #map: MapPlan | undefined;

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
    if (this.#current !== undefined && this.#map !== undefined && mapPlanDigest(this.#map) === mapPlanDigest(map)) {
      this.#current.reset();
      return this.#current;
    }
    this.#budget?.space.clear();
    this.#current = new VertexAccumulator(this.#kernels, map, undefined, this.#budget);
    this.#map = map;
    return this.#current;
  }
}

/** What a scan tells of its chunks. */
export interface ChunkEvents {
  /** Before a chunk is begun. */
  onBegin?(chunk: ScanRange): void;
  /** Bytes of the chunk that were read. */
  onProgress?(chunk: ScanRange, doneBytes: number): void;
  onDone?(chunk: ScanRange): void;
  /** See {@link ScanEvents}. */
  onSeen?(chunk: ScanRange, sight: Sight): void;
}

/** One thread's part in a scan. Opens each file once for as long as consecutive chunks read it. */
export class ChunkScanner {
  readonly #accumulator: VertexAccumulator;
  readonly #ledger: ChunkLedger;
  readonly #thread: number;
  #reader: ByteReader | undefined;
  #path: string | undefined;
  readonly #takeReader: (range: ScanRange) => ByteReader | undefined;

  /** `thread` is its number in the ledger; `takeReader` may have a reader that has begun to read a range. */
  constructor(
    accumulator: VertexAccumulator,
    ledger: ChunkLedger,
    thread: number,
    takeReader: (range: ScanRange) => ByteReader | undefined = () => undefined,
  ) {
    this.#accumulator = accumulator;
    this.#ledger = ledger;
    this.#thread = thread;
    this.#takeReader = takeReader;
  }

  /**
   * Takes chunks off the shared list until it is empty, the quota of rows is filled, or more than `budgetBytes` were
   * scanned: true in the last case alone. Throws {@link ScanCancelled} once the ledger says so.
   */
  scan(
    chunks: readonly ScanRange[],
    quota: RowQuota | undefined,
    events: ChunkEvents,
    budgetBytes = Number.POSITIVE_INFINITY,
  ): boolean {
    let scannedBytes = 0;
    while (scannedBytes < budgetBytes) {
      const index = this.#ledger.take(this.#thread);
      const chunk = index === undefined ? undefined : chunks[index];
      if (index === undefined || chunk === undefined || quota?.isBeyond(index) === true) {
        this.#ledger.rest(this.#thread);
        return false;
      }
      events.onBegin?.(chunk);
      const { onSeen } = events;
      const rows = this.#scanChunk(chunk, (doneBytes) => events.onProgress?.(chunk, doneBytes), {
        ...(onSeen === undefined ? {} : { onSeen: (sight) => onSeen(chunk, sight) }),
        ...(quota === undefined ? {} : { isEnough: (answered) => quota.isEnough(index, answered) }),
      });
      quota?.note(index, rows);
      scannedBytes += chunk.end - chunk.start;
      events.onDone?.(chunk);
    }
    this.#ledger.rest(this.#thread);
    return true;
  }

  #scanChunk(
    range: ScanRange,
    onProgress: (doneBytes: number) => void,
    others: Pick<ScanEvents, "isEnough" | "onSeen">,
  ): number {
    if (this.#ledger.isCancelled) throw new ScanCancelled();
    return this.#accumulator.scan(this.#readerOf(range), isStream(range) ? endless(range) : range, {
      onProgress: (doneBytes) => {
        this.#ledger.step(this.#thread);
        if (this.#ledger.isCancelled) throw new ScanCancelled();
        onProgress(isStream(range) ? streamProgress(range, doneBytes) : doneBytes);
      },
      ...others,
    });
  }

  close(): void {
    this.#reader?.close();
    this.#reader = undefined;
    this.#path = undefined;
  }

  #readerOf(range: ScanRange): ByteReader {
    if (this.#reader !== undefined && this.#path === range.realPath) return this.#reader;
    this.close();
    this.#reader = this.#takeReader(range) ?? openReader(range);
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
