/** A store that lives as long as the process: for embedded runs and tests. */

import type { JobId, VertexKey } from "../../../base/ids.js";
import type { Store } from "../../ports/store.js";

export class MemoryStore implements Store {
  readonly #records = new Map<JobId, Uint8Array>();
  readonly #vertices = new Map<VertexKey, Uint8Array>();
  readonly #states = new Map<string, Uint8Array>();

  loadRecords(): ReadonlyMap<JobId, Uint8Array> {
    return new Map(this.#records);
  }

  putRecord(id: JobId, record: Uint8Array, done: (durable: boolean) => void): void {
    this.#records.set(id, record);
    done(true);
  }

  deleteRecord(id: JobId): void {
    this.#records.delete(id);
  }

  getState(name: string): Uint8Array | undefined {
    return this.#states.get(name);
  }

  putState(name: string, value: Uint8Array): void {
    this.#states.set(name, value);
  }

  getVertex(key: VertexKey): Uint8Array | undefined {
    return this.#vertices.get(key);
  }

  hasVertex(key: VertexKey): boolean {
    return this.#vertices.has(key);
  }

  putVertex(key: VertexKey, partial: Uint8Array): void {
    this.#vertices.set(key, partial);
  }
}
