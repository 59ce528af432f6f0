/**
 * Finished vertices, under a quota: those go first that were not used for longest. A put is in the file when it returns, so
 * that a killed node finds every vertex that it finished; nothing is flushed, so that no put waits for a disk, and what the
 * loss of power takes is computed again.
 */

import type { VertexKey } from "../../../base/ids.js";
import type { DiskUse } from "./disk.js";
import { type Environment, readSealed, type Table } from "./environment.js";
import { sealValue } from "./sealed-value.js";

/** LMDB's own map size is no cap. */
const DEFAULT_QUOTA_BYTES = 16 * 1024 ** 3;

/**
 * What vertices leave free, of a disk that others use too: a twentieth of it, or this where that is less. Records, which
 * are small, may use it.
 */
const MOST_SPARED_BYTES = 1024 ** 3;
const SPARED_SHARE = 1 / 20;
const LOOK_AT_DISK_EVERY_MS = 1_000;

export interface VertexCacheOptions {
  /** What vertices may take of the file. */
  readonly vertexQuotaBytes?: number;
  readonly disk: () => DiskUse;
}

export class VertexCache {
  readonly #quotaBytes: number;
  readonly #disk: VertexCacheOptions["disk"];
  /** What vertices may still use of the disk, as it was when it was looked at. */
  #room: { bytes: number; readonly seenAtMs: number } | undefined;
  readonly #table: Table;
  /** Vertices whose checksum this process has seen to be right. */
  readonly #verified = new Set<VertexKey>();
  /** Keys of all vertices, those used last at the end; what another life of the node stored counts as unused. */
  readonly #uses: Set<VertexKey>;

  constructor(environment: Environment, { disk, vertexQuotaBytes }: VertexCacheOptions) {
    this.#quotaBytes = vertexQuotaBytes ?? DEFAULT_QUOTA_BYTES;
    this.#disk = disk;
    this.#table = environment.openDB({ name: "vertices", encoding: "binary" });
    this.#uses = new Set(this.#table.getKeys() as Iterable<VertexKey>);
  }

  get(key: VertexKey): Uint8Array | undefined {
    const partial = readSealed(this.#table, key);
    if (partial !== undefined) this.#verified.add(key);
    else this.#verified.delete(key);
    this.#note(key, partial !== undefined);
    return partial;
  }

  has(key: VertexKey): boolean {
    if (!this.#verified.has(key)) return this.get(key) !== undefined;
    this.#note(key, true);
    return true;
  }

  /** Keeps the vertex if there is room for it, on the disk and under the quota. */
  put(key: VertexKey, partial: Uint8Array): void {
    if (!this.#hasRoomFor(partial.length)) return;
    try {
      if (!this.#makeRoomFor(partial.length)) return;
      this.#table.putSync(key, sealValue(key, partial));
    } catch {
      // The disk is full, or fails: what is not kept is computed again.
      return;
    }
    this.#verified.add(key);
    this.#note(key, true);
  }

  /** A vertex was used now, or is not there. */
  #note(key: VertexKey, isThere: boolean): void {
    this.#uses.delete(key);
    if (isThere) this.#uses.add(key);
  }

  /** Removes the vertices that were not used for longest until one of so many bytes fits; false if it never does. */
  #makeRoomFor(bytes: number): boolean {
    if (bytes > this.#quotaBytes) return false;
    let excessBytes = this.#storedBytes() + bytes - this.#quotaBytes;
    for (const key of this.#uses) {
      if (excessBytes <= 0) return true;
      excessBytes -= this.#table.getBinaryFast(key)?.length ?? 0;
      this.#table.removeSync(key);
      this.#note(key, false);
      this.#verified.delete(key);
    }
    return excessBytes <= 0;
  }

  /** What the vertices take of the file, by whole pages. */
  #storedBytes(): number {
    const { pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages } = this.#table.getStats() as TreeStats;
    return pageSize * (treeBranchPageCount + treeLeafPageCount + overflowPages);
  }

  /** The disk is looked at now and then; in between, what is written counts. */
  #hasRoomFor(bytes: number): boolean {
    const nowMs = performance.now();
    if (this.#room === undefined || nowMs - this.#room.seenAtMs >= LOOK_AT_DISK_EVERY_MS) {
      const { freeBytes, totalBytes } = this.#disk();
      const spared = Math.min(MOST_SPARED_BYTES, totalBytes * SPARED_SHARE);
      this.#room = { bytes: freeBytes - spared, seenAtMs: nowMs };
    }
    if (bytes > this.#room.bytes) return false;
    this.#room.bytes -= bytes;
    return true;
  }
}

/** What LMDB counts of one of its trees; the package has no type for it. */
interface TreeStats {
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}
