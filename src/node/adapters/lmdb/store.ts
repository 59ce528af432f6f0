/**
 * The store of a node: job records and finished vertices in one LMDB file of its data directory. Every value carries a
 * checksum; a file that does not open is moved aside, and the node starts empty, for everything in it can be had again.
 */

import { existsSync, renameSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Database, open, type RootDatabase } from "lmdb";
import type { JobId, VertexKey } from "../../../base/ids.js";
import { safeText } from "../../../base/safe-text.js";
import type { Store } from "../../ports/store.js";
import { probeStore } from "./probe.js";
import { openValue, sealValue } from "./sealed-value.js";

const STORE_FILE = "store.lmdb";

/** Vertices are a cache: beyond it they are not kept. LMDB's own map size is no cap. */
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
  /** Size of the file from which on vertices are no longer added. */
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
  readonly #path: string;
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

  constructor(path: string, options: LmdbStoreOptions) {
    this.#path = path;
    this.#quotaBytes = options.vertexQuotaBytes ?? DEFAULT_VERTEX_QUOTA_BYTES;
    this.#disk = options.disk ?? (() => diskOf(path));
    this.#environment = open({ path, noSubdir: true, encoding: "binary", maxDbs: 8 });
    this.#records = this.#environment.openDB({ name: "records", encoding: "binary" });
    this.#vertices = this.#environment.openDB({ name: "vertices", encoding: "binary" });
    this.#states = this.#environment.openDB({ name: "node", encoding: "binary" });
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
    return partial;
  }

  hasVertex(key: VertexKey): boolean {
    return this.#pending.has(key) || this.#verified.has(key) || this.getVertex(key) !== undefined;
  }

  putVertex(key: VertexKey, partial: Uint8Array): void {
    if (this.#pending.has(key) || this.#pendingBytes + partial.length > MAX_PENDING_BYTES) return;
    if (statSync(this.#path).size + partial.length > this.#quotaBytes || !this.#hasRoomFor(partial.length)) return;
    this.#pending.set(key, partial);
    this.#pendingBytes += partial.length;
    const settle = () => {
      this.#pending.delete(key);
      this.#pendingBytes -= partial.length;
    };
    this.#vertices.put(key, sealValue(key, partial)).then(settle, settle);
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

function diskOf(path: string): { readonly freeBytes: number; readonly totalBytes: number } {
  const { bavail, blocks, bsize } = statfsSync(path);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

/** The verified content under a key. */
function read(database: Database<Uint8Array, string>, key: string): Uint8Array | undefined {
  const value = database.getBinary(key);
  return value === undefined ? undefined : openValue(key, value);
}
