/**
 * The port for temporary bytes: where a thread puts the rows that its memory has no room for. Synchronous, for scanning
 * threads only. Nothing of it outlives the process.
 *
 * Contract suite: test/contract/spill-space.ts.
 */

export type SpillErrorCode = "disk-full" | "io" | "memory";

/** Rows could not be put out of memory, or too many must be in memory at once. */
export class SpillError extends Error {
  readonly code: SpillErrorCode;

  constructor(code: SpillErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SpillError";
    this.code = code;
  }
}

/** Names the bytes of one space to the other threads of the process. */
export type SpillHandle = number;

export interface SpillSpace {
  /** By which other spaces of the process read what is in this one; valid after the first `append`. */
  readonly handle: SpillHandle;
  /** Adds bytes behind those that are there; returns their position. Throws a {@link SpillError}, and drops everything. */
  append(bytes: Uint8Array): number;
  /** Fills `target` with the bytes at `position` of a space. Throws a {@link SpillError}. */
  read(handle: SpillHandle, target: Uint8Array, position: number): void;
  /** Drops everything. */
  clear(): void;
}

/** What the groups of a thread may take, and where the rest goes. */
export interface MemoryBudget {
  readonly bytes: number;
  readonly space: SpillSpace;
}
