/**
 * The store of a node, in two LMDB files of its data directory: job records and the node's own state, where nothing that was
 * acknowledged may be lost; and finished vertices, a cache. Every value carries a checksum.
 */

import { join } from "node:path";
import type { JobId, VertexKey } from "../../../base/ids.js";
import type { Store } from "../../ports/store.js";
import { type DiskUse, diskUseAt } from "./disk.js";
import {
  clearDamaged,
  type Damaged,
  type Environment,
  openEnvironment,
  readSealed,
  type Table,
} from "./environment.js";
import { sealValue } from "./sealed-value.js";
import { VertexCache, type VertexCacheOptions } from "./vertex-cache.js";

const RECORDS_FILE = "store.lmdb";
const VERTICES_FILE = "vertices.lmdb";

/**
 * What must be free beside a value for the pages of the trees that its commit writes anew. A write that LMDB cannot finish
 * damages the memory of the process now and then, so that none is begun without room.
 */
const TREE_BYTES = 128 * 1024;

export interface OpenedStore {
  readonly store: LmdbStore;
  /** The files that were moved aside. */
  readonly damaged: readonly Damaged[];
}

/** Opens or creates the store of a data directory, which the caller has locked. Throws a `ForeignStoreError`. */
export async function openLmdbStore(dataDir: string, options: Partial<VertexCacheOptions> = {}): Promise<OpenedStore> {
  const records = join(dataDir, RECORDS_FILE);
  const vertices = join(dataDir, VERTICES_FILE);
  const damaged = await Promise.all([clearDamaged(records, ["records", "node"]), clearDamaged(vertices, ["vertices"])]);
  const kept = openEnvironment(records, false);
  const cached = openEnvironment(vertices, true);
  const { disk = () => diskUseAt(dataDir) } = options;
  const store = new LmdbStore(kept, cached, new VertexCache(cached, { ...options, disk }), disk);
  return { store, damaged: damaged.filter((file) => file !== null) };
}

class LmdbStore implements Store {
  readonly #environments: readonly Environment[];
  readonly #records: Table;
  readonly #states: Table;
  readonly #vertices: VertexCache;
  readonly #disk: () => DiskUse;

  constructor(kept: Environment, cached: Environment, vertices: VertexCache, disk: () => DiskUse) {
    this.#environments = [kept, cached];
    this.#records = kept.openDB({ name: "records", encoding: "binary" });
    this.#states = kept.openDB({ name: "node", encoding: "binary" });
    this.#vertices = vertices;
    this.#disk = disk;
  }

  loadRecords(): ReadonlyMap<JobId, Uint8Array> {
    const records = new Map<JobId, Uint8Array>();
    for (const key of this.#records.getKeys()) {
      const record = readSealed(this.#records, key);
      if (record !== undefined) records.set(key as JobId, record);
    }
    return records;
  }

  putRecord(id: JobId, record: Uint8Array, done: (durable: boolean) => void): void {
    this.#write(record.length, () => this.#records.put(id, sealValue(id, record))).then(done);
  }

  deleteRecord(id: JobId): void {
    // A record that stays is met again at the next start, and deleted then.
    void this.#write(0, () => this.#records.remove(id));
  }

  getState(name: string): Uint8Array | undefined {
    return readSealed(this.#states, name);
  }

  putState(name: string, value: Uint8Array): void {
    // A full disk costs what the node would have remembered, and nothing else.
    void this.#write(value.length, () => this.#states.put(name, sealValue(name, value)));
  }

  /** Whether it was written. */
  async #write(bytes: number, write: () => Promise<boolean>): Promise<boolean> {
    try {
      if (this.#disk().freeBytes < bytes + TREE_BYTES) return false;
      await write();
      return true;
    } catch {
      return false;
    }
  }

  getVertex(key: VertexKey): Uint8Array | undefined {
    return this.#vertices.get(key);
  }

  hasVertex(key: VertexKey): boolean {
    return this.#vertices.has(key);
  }

  putVertex(key: VertexKey, partial: Uint8Array): void {
    this.#vertices.put(key, partial);
  }

  async close(): Promise<void> {
    await Promise.all(this.#environments.map((environment) => environment.close()));
  }
}
