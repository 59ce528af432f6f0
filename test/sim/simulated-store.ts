/**
 * A simulated disk: writes are pending until their fsync; a crash keeps a random subset of the pending ones. Only a write
 * that was synced is confirmed, unless the disk `lies`.
 */

import type { JobId, VertexKey } from "../../src/base/ids.js";
import type { Store } from "../../src/node/ports/store.js";
import type { RandomStream } from "./random-stream.js";
import type { SimulatedProcess } from "./simulated-process.js";
import type { SimulatedTime } from "./simulated-time.js";

interface Tables {
  readonly records: Map<JobId, Uint8Array>;
  readonly vertices: Map<VertexKey, Uint8Array>;
  readonly states: Map<string, Uint8Array>;
}

const emptyTables = (): Tables => ({ records: new Map(), vertices: new Map(), states: new Map() });

export interface DiskOptions {
  readonly fsyncMs: number;
  readonly lies: boolean;
  /** Nothing about the node itself is written. */
  readonly forgetsState: boolean;
}

export class SimulatedDisk {
  readonly #time: SimulatedTime;
  readonly #random: RandomStream;
  readonly #options: DiskOptions;
  /** What survives a crash for certain. */
  readonly #synced = emptyTables();
  /** What the running process reads. */
  #visible = emptyTables();
  #pending: (() => void)[] = [];

  constructor(time: SimulatedTime, random: RandomStream, options: DiskOptions) {
    this.#time = time;
    this.#random = random;
    this.#options = options;
  }

  /** The process died: some of what was not synced is there all the same. */
  crash(): void {
    const pending = this.#pending.splice(0);
    for (const apply of pending) if (this.#random.chance(0.5)) apply();
    const { records, vertices, states } = this.#synced;
    this.#visible = { records: new Map(records), vertices: new Map(vertices), states: new Map(states) };
  }

  /** A new, empty disk. */
  wipe(): void {
    this.#pending = [];
    this.#synced.records.clear();
    this.#synced.vertices.clear();
    this.#synced.states.clear();
    this.crash();
  }

  /** Whether the job's record would survive a crash. */
  hasRecord(id: JobId): boolean {
    return this.#synced.records.has(id);
  }

  /** What a process that starts after a crash would find under the name. */
  stateOf(name: string): Uint8Array | undefined {
    return this.#synced.states.get(name);
  }

  open(process: SimulatedProcess): Store {
    const visible = this.#visible;
    return {
      loadRecords: () => new Map(visible.records),
      putRecord: (id, record, done) => {
        visible.records.set(id, record);
        if (this.#options.lies) done(true);
        const synced = process.guard(() => {
          if (!this.#options.lies) done(true);
        });
        this.#write(process, () => this.#synced.records.set(id, record), synced);
      },
      deleteRecord: (id) => {
        visible.records.delete(id);
        this.#write(
          process,
          () => this.#synced.records.delete(id),
          () => undefined,
        );
      },
      getState: (name) => visible.states.get(name),
      putState: (name, value) => {
        if (this.#options.forgetsState) return;
        visible.states.set(name, value);
        this.#write(
          process,
          () => this.#synced.states.set(name, value),
          () => undefined,
        );
      },
      getVertex: (key) => visible.vertices.get(key),
      hasVertex: (key) => visible.vertices.has(key),
      putVertex: (key, partial) => {
        visible.vertices.set(key, partial);
        this.#write(
          process,
          () => this.#synced.vertices.set(key, partial),
          () => undefined,
        );
      },
    };
  }

  #write(process: SimulatedProcess, apply: () => void, done: () => void): void {
    this.#pending.push(apply);
    const sync = process.guard(() => {
      // A sync takes everything written before along.
      const at = this.#pending.indexOf(apply);
      for (const earlier of this.#pending.splice(0, at + 1)) earlier();
      done();
    });
    this.#time.schedule(this.#random.between(0.1, this.#options.fsyncMs), sync);
  }
}
