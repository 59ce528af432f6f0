/**
 * A simulated disk under production's checksums: writes are pending until their fsync; a crash keeps a random subset of
 * the pending ones, some torn; it can be full, broken, slow and forgetful, and its bits can flip. Only a write that was
 * synced is confirmed, unless the disk `lies`.
 */

import type { JobId, VertexKey } from "../../src/base/ids.js";
import { openValue, sealValue } from "../../src/node/adapters/lmdb/sealed-value.js";
import type { Store } from "../../src/node/ports/store.js";
import type { RandomStream } from "./random-stream.js";
import type { SimulatedProcess } from "./simulated-process.js";
import type { SimulatedTime } from "./simulated-time.js";

const DEFAULT_FSYNC_MS = 3;
const recordKey = (id: string): string => `record/${id}`;
const vertexKey = (key: string): string => `vertex/${key}`;
const stateKey = (name: string): string => `state/${name}`;

interface Write {
  readonly key: string;
  /** Undefined deletes. */
  readonly sealed: Uint8Array | undefined;
}

export interface DiskOptions {
  /** The longest sync; 0 for a fast disk. */
  readonly fsyncMs: number;
  /** Share of the writes a crash caught that are torn. */
  readonly tornWrites: number;
  /** Confirms before the sync. */
  readonly lies?: boolean;
  /** Nothing about the node itself is written. */
  readonly forgetsState?: boolean;
  /** Hands out values whose checksum does not hold. */
  readonly isTrusting?: boolean;
}

export class SimulatedDisk {
  readonly #time: SimulatedTime;
  readonly #random: RandomStream;
  readonly #options: DiskOptions;
  /** What survives a crash for certain. */
  readonly #synced = new Map<string, Uint8Array>();
  /** What the running process reads. */
  #visible = new Map<string, Uint8Array>();
  #pending: Write[] = [];
  /** No space is left. */
  isFull = false;
  /** Every access is an IO error. */
  isBroken = false;
  tornWrites = 0;
  slowSyncs = 0;
  readonly #refused = new Map<JobId, Uint8Array>();
  /** Hears of every record that is written and not yet synced. */
  onRecordPending: () => void = () => undefined;

  constructor(time: SimulatedTime, random: RandomStream, options: DiskOptions) {
    this.#time = time;
    this.#random = random;
    this.#options = options;
  }

  /** The job's record as it did not take it last, being full or broken; undefined if it did not have to, or took it since. */
  refusedRecordOf(id: JobId): Uint8Array | undefined {
    return this.#refused.get(id);
  }

  /** The process died: some of what was not synced is there all the same, whole or torn. */
  crash(): void {
    for (const write of this.#pending.splice(0)) if (this.#random.chance(0.5)) this.#apply(this.#maybeTorn(write));
    this.#visible = new Map(this.#synced);
  }

  /** A new, empty disk. */
  wipe(): void {
    this.#pending = [];
    this.#synced.clear();
    this.crash();
  }

  /** Flips bits of one value; returns whose it was, or undefined if there is none. */
  flipBits(random: RandomStream): string | undefined {
    const keys = [...this.#synced.keys()];
    if (keys.length === 0) return undefined;
    const key = random.pick(keys);
    const damaged = Uint8Array.from(this.#synced.get(key) ?? []);
    const at = random.integer(0, damaged.length - 1);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << random.integer(0, 7));
    this.#synced.set(key, damaged);
    if (this.#visible.has(key)) this.#visible.set(key, damaged);
    return key;
  }

  /** The job's record as a crash would leave it. */
  recordOf(id: JobId): Uint8Array | undefined {
    return this.#read(this.#synced, recordKey(id));
  }

  /** What a process that starts after a crash would find under the name. */
  stateOf(name: string): Uint8Array | undefined {
    return this.#read(this.#synced, stateKey(name));
  }

  open(process: SimulatedProcess): Store {
    const visible = this.#visible;
    const verified = new Set<string>();
    const get = (key: string): Uint8Array | undefined => (this.isBroken ? undefined : this.#read(visible, key));
    const put = (key: string, sealed: Uint8Array | undefined, done: (durable: boolean) => void): void => {
      if (!this.isFull && !this.isBroken) {
        if (sealed === undefined) visible.delete(key);
        else visible.set(key, sealed);
      }
      this.#write(process, { key, sealed }, done);
    };
    const getVertex = (key: VertexKey): Uint8Array | undefined => {
      const partial = get(vertexKey(key));
      if (partial === undefined) verified.delete(key);
      else verified.add(key);
      return partial;
    };
    const nothing = (): void => undefined;
    return {
      loadRecords: () => {
        const ids = [...visible.keys()].filter((key) => key.startsWith(recordKey("")));
        return new Map(
          ids.flatMap((key) => {
            const record = this.#read(visible, key);
            return record === undefined ? [] : [[key.slice(recordKey("").length) as JobId, record]];
          }),
        );
      },
      putRecord: (id, record, done) => {
        if (this.isFull || this.isBroken) this.#refused.set(id, record);
        const refused = this.#refused.get(id);
        put(recordKey(id), sealValue(recordKey(id), record), (durable) => {
          // A sync may take long: what was refused since has not been taken by it.
          if (durable && this.#refused.get(id) === refused) this.#refused.delete(id);
          done(durable);
        });
        this.onRecordPending();
      },
      deleteRecord: (id) => put(recordKey(id), undefined, nothing),
      getState: (name) => get(stateKey(name)),
      putState: (name, value) => {
        if (this.#options.forgetsState !== true) put(stateKey(name), sealValue(stateKey(name), value), nothing);
      },
      getVertex,
      hasVertex: (key) => verified.has(key) || getVertex(key) !== undefined,
      putVertex: (key: VertexKey, partial) => put(vertexKey(key), sealValue(vertexKey(key), partial), nothing),
    };
  }

  #read(values: ReadonlyMap<string, Uint8Array>, key: string): Uint8Array | undefined {
    const sealed = values.get(key);
    if (sealed === undefined) return undefined;
    return this.#options.isTrusting === true ? sealed.subarray(4) : openValue(key, sealed);
  }

  #write(process: SimulatedProcess, write: Write, done: (durable: boolean) => void): void {
    const canWrite = !this.isFull && !this.isBroken;
    if (canWrite) this.#pending.push(write);
    const lies = this.#options.lies === true;
    if (lies) done(true);
    const sync = process.guard(() => {
      // A sync takes everything written before along.
      const at = this.#pending.indexOf(write);
      for (const earlier of this.#pending.splice(0, at + 1)) this.#apply(earlier);
      if (!lies) done(canWrite);
    });
    if (this.#options.fsyncMs > DEFAULT_FSYNC_MS) this.slowSyncs += 1;
    this.#time.schedule(this.#random.between(0.1, Math.max(DEFAULT_FSYNC_MS, this.#options.fsyncMs)), sync);
  }

  #apply({ key, sealed }: Write): void {
    if (sealed === undefined) this.#synced.delete(key);
    else this.#synced.set(key, sealed);
  }

  /** LMDB copies on write: what was there before a torn write stays. A torn new value is there, and is not whole. */
  #maybeTorn(write: Write): Write {
    const { key, sealed } = write;
    if (sealed === undefined || !this.#random.chance(this.#options.tornWrites)) return write;
    this.tornWrites += 1;
    return { key, sealed: this.#synced.get(key) ?? sealed.slice(0, this.#random.integer(0, sealed.length - 1)) };
  }
}
