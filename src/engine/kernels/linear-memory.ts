/**
 * The memory of one thread's kernels. Regions are handed out in order and taken back one by one, to be
 * handed out again, or all at once. The first touch of a
 * page costs more than everything done on it later, so memory is kept and never cleared before it was used.
 */

import { KernelError } from "./kernel-error.js";
import type { Address } from "./kernel-exports.js";
import { LOAD_SLACK_BYTES } from "./layout.js";

const MIB = 2 ** 20;
const PAGE_BYTES = 65_536;
/** What the system maps at a time, at least. */
const OS_PAGE_BYTES = 4096;
const MAX_PAGES = 65_536;
const INITIAL_PAGES = 16;
/** Growing costs a system call; untouched pages cost nothing. */
const GROW_PAGES = 64;
const ALIGNMENT = 64;

export interface Region {
  readonly address: Address;
  readonly sizeBytes: number;
  /** Never used before: holds zeros. */
  readonly isFresh: boolean;
}

export class LinearMemory {
  readonly memory: WebAssembly.Memory;
  #base: Address = 0;
  #top: Address = 0;
  #highest: Address = 0;
  /** By size. */
  readonly #released = new Map<number, Region[]>();
  #bytes: Uint8Array;
  #view: DataView;
  #texts: Buffer | undefined;

  constructor(memory?: WebAssembly.Memory) {
    this.memory = memory ?? new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: MAX_PAGES, shared: true });
    this.#bytes = new Uint8Array(this.memory.buffer);
    this.#view = new DataView(this.memory.buffer);
  }

  /** Memory below `base` is the module's own. */
  startAt(base: Address): void {
    this.#base = Math.ceil((base + 1) / ALIGNMENT) * ALIGNMENT;
    this.#top = this.#base;
    this.#highest = this.#base;
  }

  /** All of memory; fetch it anew after any allocation. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** All of memory; fetch it anew after any allocation. */
  get view(): DataView {
    return this.#view;
  }

  /** The same, to read and write texts in UTF-8 where they lie: decoders of the web want a copy first, in memory of its own. */
  get texts(): Buffer {
    this.#texts ??= Buffer.from(this.memory.buffer);
    return this.#texts;
  }

  /** Throws a {@link KernelError} when 4 GiB are not enough. */
  allocate(sizeBytes: number): Region {
    const wholeBytes = Math.ceil(sizeBytes / ALIGNMENT) * ALIGNMENT;
    const released = this.#released.get(wholeBytes)?.pop();
    if (released !== undefined) return { ...released, isFresh: false };
    const address = this.#top;
    const end = address + wholeBytes;
    this.#reach(end + LOAD_SLACK_BYTES);
    const isFresh = address >= this.#highest;
    this.#top = end;
    this.#highest = Math.max(this.#highest, end);
    return { address, sizeBytes: end - address, isFresh };
  }

  /** Writes to each page of a fresh region, all of which will be read before it is written. */
  touch({ address, sizeBytes }: Region): void {
    for (let at = address; at < address + sizeBytes; at += OS_PAGE_BYTES) this.#bytes[at] = 0;
  }

  /** Takes back a region, for the next that is as large. */
  release(region: Region): void {
    const alike = this.#released.get(region.sizeBytes);
    if (alike === undefined) this.#released.set(region.sizeBytes, [region]);
    else alike.push(region);
  }

  /** Whether there is a region of this size that was taken back. */
  hasReleased(sizeBytes: number): boolean {
    return (this.#released.get(sizeBytes)?.length ?? 0) > 0;
  }

  /**
   * A region of at least `sizeBytes`: the one that there is, or a larger one, whose size is a power of two, so that it
   * serves another; pages that are not touched take no memory.
   */
  enlarge(region: Region | undefined, sizeBytes: number): Region {
    if (region !== undefined && region.sizeBytes >= sizeBytes) return region;
    if (region !== undefined) this.release(region);
    return this.allocate(2 ** Math.ceil(Math.log2(Math.max(ALIGNMENT, sizeBytes))));
  }

  /** Takes back every region. */
  releaseAll(): void {
    this.#top = this.#base;
    this.#released.clear();
  }

  #reach(end: number): void {
    const missing = Math.ceil(end / PAGE_BYTES) - this.#bytes.length / PAGE_BYTES;
    if (missing <= 0) return;
    const room = MAX_PAGES - 1 - this.#bytes.length / PAGE_BYTES;
    const pages = Math.max(missing, Math.min(GROW_PAGES, room));
    try {
      if (missing > room) throw new RangeError("beyond the address space");
      this.memory.grow(pages);
    } catch (cause) {
      throw new KernelError(
        "memory-exhausted",
        `A scanning thread could not get ${Math.ceil(end / MIB)} MiB of memory (at most 4096): the query has too many groups, or a line is too long. Group by fewer distinct values, or filter with WHERE`,
        { cause },
      );
    }
    this.#bytes = new Uint8Array(this.memory.buffer);
    this.#view = new DataView(this.memory.buffer);
    this.#texts = undefined;
  }
}
