/**
 * Who scans which chunk, in memory that the threads of a scan share: it outlives a thread that dies, and says what it had
 * taken and what it was at. Whoever watches sees there whether a thread advances.
 */

const NEXT_CHUNK = 0;
const CANCELLED = 1;
const SCANNED_MIB = 2;
const THREAD_COUNT = 3;
const THREADS = 4;
/** Slots of a thread: the chunk that it is at, counted from 1, and how many steps it has made. */
const CURRENT = 0;
const STEPS = 1;
const THREAD_SLOTS = 2;

/** After the threads' slots: for each chunk the thread that took it, counted from 1. */
export class ChunkLedger {
  readonly shared: Int32Array;
  readonly #chunks: number;
  readonly #threads: number;

  /** `shared` is of {@link newLedger}, the same in all threads. */
  constructor(shared: Int32Array) {
    this.shared = shared;
    this.#threads = Atomics.load(shared, THREAD_COUNT);
    this.#chunks = shared.length - THREADS - this.#threads * THREAD_SLOTS;
  }

  /** The next chunk for a thread, which it is at from now on; undefined when none is left. */
  take(thread: number): number | undefined {
    const chunk = Atomics.add(this.shared, NEXT_CHUNK, 1);
    if (chunk >= this.#chunks) {
      this.rest(thread);
      return undefined;
    }
    Atomics.store(this.shared, this.#ownerSlot(chunk), 1 + thread);
    Atomics.store(this.shared, this.#slot(thread, CURRENT), 1 + chunk);
    return chunk;
  }

  /** The thread is at no chunk. */
  rest(thread: number): void {
    Atomics.store(this.shared, this.#slot(thread, CURRENT), 0);
  }

  step(thread: number): void {
    Atomics.add(this.shared, this.#slot(thread, STEPS), 1);
  }

  stepsOf(thread: number): number {
    return Atomics.load(this.shared, this.#slot(thread, STEPS));
  }

  /** The chunk that a thread is at. */
  currentOf(thread: number): number | undefined {
    const current = Atomics.load(this.shared, this.#slot(thread, CURRENT));
    return current === 0 ? undefined : current - 1;
  }

  /** Every chunk that a thread took, the one that it is at included. */
  takenBy(thread: number): readonly number[] {
    return this.#ownedBy(1 + thread);
  }

  /** Chunks that nobody took. */
  get untaken(): readonly number[] {
    return this.#ownedBy(0);
  }

  cancel(): void {
    Atomics.store(this.shared, CANCELLED, 1);
  }

  get isCancelled(): boolean {
    return Atomics.load(this.shared, CANCELLED) !== 0;
  }

  addScannedMib(mib: number): void {
    Atomics.add(this.shared, SCANNED_MIB, mib);
  }

  get scannedMib(): number {
    return Atomics.load(this.shared, SCANNED_MIB);
  }

  #ownedBy(owner: number): readonly number[] {
    const chunks = Array.from({ length: this.#chunks }, (_, chunk) => chunk);
    return chunks.filter((chunk) => Atomics.load(this.shared, this.#ownerSlot(chunk)) === owner);
  }

  #slot(thread: number, slot: number): number {
    return THREADS + thread * THREAD_SLOTS + slot;
  }

  #ownerSlot(chunk: number): number {
    return THREADS + this.#threads * THREAD_SLOTS + chunk;
  }
}

/** Memory for a ledger over `chunks` chunks of `threads` threads. */
export function newLedger(chunks: number, threads: number): ChunkLedger {
  const slots = THREADS + threads * THREAD_SLOTS + chunks;
  const shared = new Int32Array(new SharedArrayBuffer(slots * Int32Array.BYTES_PER_ELEMENT));
  shared[THREAD_COUNT] = threads;
  return new ChunkLedger(shared);
}
