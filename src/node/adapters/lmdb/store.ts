/**
 * The store of a node: job records and finished vertices in one LMDB file of its data directory. Every value carries a
 * checksum; a file that does not open is moved aside, and the node starts empty, for everything in it can be had again.
 */

import { existsSync, renameSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { type Database, open, type RootDatabase } from "lmdb";
import type { JobId, VertexKey } from "../../../base/ids.js";
import { safeText } from "../../../base/safe-text.js";
import type { Store } from "../../ports/store.js";
import { probeStore } from "./probe.js";
import { openValue, sealValue } from "./sealed-value.js";

const STORE_FILE = "store.lmdb";

/** Vertices are a cache. LMDB's own map size is no cap. */
const DEFAULT_VERTEX_QUOTA_BYTES = 16 * 1024 ** 3;

/**
 * What vertices leave free, of a disk that others use too: a twentieth of it, or this where that is less. Records, which
 * are small, may use it.
 */
const MOST_SPARED_BYTES = 1024 ** 3;
const SPARED_SHARE = 1 / 20;
const LOOK_AT_DISK_EVERY_MS = 1_000;

/** Vertices that wait for a slow disk; more are not kept. */
const MAX_PENDING_BYTES = 256 * 1024 ** 2;

export interface LmdbStoreOptions {
  /** What vertices may take of the file; beyond it, those go that were not used for longest. */
  readonly vertexQuotaBytes?: number;
  /** Bytes that are free on the disk, and all that it has. */
  readonly disk?: () => { readonly freeBytes: number; readonly totalBytes: number };
}

export interface OpenedStore {
  readonly store: LmdbStore;
  /** Set when a damaged file was moved aside: where it lies now, and what was wrong with it. */
  readonly damaged: { readonly movedTo: string; readonly reason: string } | null;
}

/** The file in the store's place is another program's: it is neither used nor touched. */
export class ForeignStoreError extends Error {
  readonly code = "store-foreign";
  readonly path: string;

  constructor(path: string, content: string) {
    super(
      `${path} is an LMDB file, but no store of logmr (it has ${content}); move it away, or choose another --data-dir`,
    );
    this.name = "ForeignStoreError";
    this.path = path;
  }
}

/** Opens or creates the store of a data directory, which the caller has locked. Throws a {@link ForeignStoreError}. */
export async function openLmdbStore(dataDir: string, options: LmdbStoreOptions = {}): Promise<OpenedStore> {
  const path = join(dataDir, STORE_FILE);
  const complaint = existsSync(path) ? await probeStore(path) : null;
  if (complaint === null) return { store: new LmdbStore(path, options), damaged: null };
  const { kind, reason } = complaint;
  if (kind === "foreign") throw new ForeignStoreError(path, safeText(reason));
  const movedTo = freeName(`${path}.damaged`);
  renameSync(path, movedTo);
  return { store: new LmdbStore(path, options), damaged: { movedTo, reason } };
}

function freeName(path: string): string {
  for (let number = 1; ; number += 1) {
    const candidate = `${path}-${number}`;
    if (!existsSync(candidate)) return candidate;
  }
}

export class LmdbStore implements Store {
  readonly #quotaBytes: number;
  readonly #disk: NonNullable<LmdbStoreOptions["disk"]>;
  /** What vertices may still use of the disk, as it was when it was looked at. */
  #room: { bytes: number; readonly seenAtMs: number } | undefined;
  readonly #environment: RootDatabase<Uint8Array, string>;
  readonly #records: Database<Uint8Array, string>;
  readonly #vertices: Database<Uint8Array, string>;
  readonly #states: Database<Uint8Array, string>;
  /** Vertices on their way to the disk, so that what was put can be got at once. */
  readonly #pending = new Map<VertexKey, Uint8Array>();
  /** Stored vertices whose checksum this process has seen to be right. */
  readonly #verified = new Set<VertexKey>();
  #pendingBytes = 0;
  /** Keys of the stored vertices, those used last at the end; what another life of the node stored counts as unused. */
  readonly #uses: Set<VertexKey>;
  /** Of vertices whose removal has not been written yet. */
  #leavingBytes = 0;

  constructor(path: string, options: LmdbStoreOptions) {
    this.#quotaBytes = options.vertexQuotaBytes ?? DEFAULT_VERTEX_QUOTA_BYTES;
    this.#disk = options.disk ?? (() => diskOf(path));
    this.#environment = open({ path, noSubdir: true, encoding: "binary", maxDbs: 8 });
    this.#records = this.#environment.openDB({ name: "records", encoding: "binary" });
    this.#vertices = this.#environment.openDB({ name: "vertices", encoding: "binary" });
    this.#states = this.#environment.openDB({ name: "node", encoding: "binary" });
    this.#uses = new Set(this.#vertices.getKeys() as Iterable<VertexKey>);
  }

  loadRecords(): ReadonlyMap<JobId, Uint8Array> {
    const records = new Map<JobId, Uint8Array>();
    for (const key of this.#records.getKeys()) {
      const record = read(this.#records, key);
      if (record !== undefined) records.set(key as JobId, record);
    }
    return records;
  }

  putRecord(id: JobId, record: Uint8Array, done: (durable: boolean) => void): void {
    this.#putRecord(id, record).then(
      () => done(true),
      () => done(false),
    );
  }

  async #putRecord(id: JobId, record: Uint8Array): Promise<void> {
    await this.#records.put(id, sealValue(id, record));
    await this.#records.flushed;
  }

  deleteRecord(id: JobId): void {
    // A record that stays is met again at the next start, and deleted then.
    this.#records.remove(id).catch(() => undefined);
  }

  getState(name: string): Uint8Array | undefined {
    return read(this.#states, name);
  }

  putState(name: string, value: Uint8Array): void {
    // A full disk costs what the node would have remembered, and nothing else.
    this.#states.put(name, sealValue(name, value)).catch(() => undefined);
  }

  getVertex(key: VertexKey): Uint8Array | undefined {
    const pending = this.#pending.get(key);
    if (pending !== undefined) return pending;
    const partial = read(this.#vertices, key);
    if (partial !== undefined) this.#verified.add(key);
    else this.#verified.delete(key);
    this.#note(key, partial !== undefined);
    return partial;
  }

  hasVertex(key: VertexKey): boolean {
    if (this.#verified.has(key)) this.#note(key, true);
    return this.#pending.has(key) || this.#verified.has(key) || this.getVertex(key) !== undefined;
  }

  /** A vertex was used now, or is not there. */
  #note(key: VertexKey, isThere: boolean): void {
    this.#uses.delete(key);
    if (isThere) this.#uses.add(key);
  }

  putVertex(key: VertexKey, partial: Uint8Array): void {
    if (this.#pending.has(key) || this.#pendingBytes + partial.length > MAX_PENDING_BYTES) return;
    if (!this.#hasRoomFor(partial.length) || !this.#makeRoomFor(partial.length)) return;
    this.#pending.set(key, partial);
    this.#pendingBytes += partial.length;
    this.#note(key, true);
    const settle = (isThere: boolean) => {
      this.#pending.delete(key);
      this.#pendingBytes -= partial.length;
      if (!isThere) this.#note(key, false);
    };
    this.#vertices.put(key, sealValue(key, partial)).then(
      () => settle(true),
      () => settle(false),
    );
  }

  /** Removes the vertices that were not used for longest until one of so many bytes fits; false if it never does. */
  #makeRoomFor(bytes: number): boolean {
    if (bytes > this.#quotaBytes) return false;
    let excessBytes = this.#vertexBytes() + this.#pendingBytes - this.#leavingBytes + bytes - this.#quotaBytes;
    for (const key of this.#uses) {
      if (excessBytes <= 0) return true;
      if (this.#pending.has(key)) continue;
      excessBytes -= this.#remove(key);
    }
    return excessBytes <= 0;
  }

  /** Returns the bytes that go with the vertex. */
  #remove(key: VertexKey): number {
    const bytes = this.#vertices.getBinaryFast(key)?.length ?? 0;
    this.#uses.delete(key);
    this.#verified.delete(key);
    this.#leavingBytes += bytes;
    const settle = () => {
      this.#leavingBytes -= bytes;
    };
    this.#vertices.remove(key).then(settle, settle);
    return bytes;
  }

  /** What the stored vertices take of the file, by whole pages. */
  #vertexBytes(): number {
    const { pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages } = this.#vertices.getStats() as TreeStats;
    return pageSize * (treeBranchPageCount + treeLeafPageCount + overflowPages);
  }

  /** The disk is looked at now and then; in between, what is written counts. */
  #hasRoomFor(bytes: number): boolean {
    const nowMs = performance.now();
    if (this.#room === undefined || nowMs - this.#room.seenAtMs >= LOOK_AT_DISK_EVERY_MS) {
      const { freeBytes, totalBytes } = this.#disk();
      const spared = Math.min(MOST_SPARED_BYTES, totalBytes * SPARED_SHARE);
      this.#room = { bytes: freeBytes - spared - this.#pendingBytes, seenAtMs: nowMs };
    }
    if (bytes > this.#room.bytes) return false;
    this.#room.bytes -= bytes;
    return true;
  }

  async close(): Promise<void> {
    await this.#environment.close();
  }
}

/** What LMDB counts of one of its trees; the package has no type for it. */
interface TreeStats {
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

function diskOf(path: string): { readonly freeBytes: number; readonly totalBytes: number } {
  const { bavail, blocks, bsize } = statfsSync(path);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

/** The verified content under a key. */
function read(database: Database<Uint8Array, string>, key: string): Uint8Array | undefined {
  const value = database.getBinary(key);
  return value === undefined ? undefined : openValue(key, value);
}
