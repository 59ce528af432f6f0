/**
 * What a node keeps across restarts: job records, finished vertices, and a little about itself. Every value carries a checksum; a value that does
 * not verify is as if it were absent. LMDB in production, a map in memory when embedded.
 *
 * Contract suite: test/contract/store.ts.
 */

import type { JobId, VertexKey } from "../../base/ids.js";

export interface Store {
  /** All stored records, read once at start. */
  loadRecords(): ReadonlyMap<JobId, Uint8Array>;
  /** `done(true)` only after the record would survive the loss of power. */
  putRecord(id: JobId, record: Uint8Array, done: (durable: boolean) => void): void;
  deleteRecord(id: JobId): void;
  /** A finished vertex, or what scans have seen of a range, whose keys are of the same kind. */
  getVertex(key: VertexKey): Uint8Array | undefined;
  hasVertex(key: VertexKey): boolean;
  /** A small value about the node itself, such as the members it knows. */
  getState(name: string): Uint8Array | undefined;
  /** Best effort, in the order of the calls: a crash may lose the latest ones. */
  putState(name: string, value: Uint8Array): void;
  /** Best effort: a vertex that is lost is computed again. */
  putVertex(key: VertexKey, partial: Uint8Array): void;
}
