/**
 * Temporary bytes in a file that has no name any more: whatever ends the process, the system takes it back. Threads read
 * each other's files by their descriptors, which belong to the process.
 */

import { randomUUID } from "node:crypto";
import { closeSync, ftruncateSync, openSync, readdirSync, readSync, rmSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { formatByteSize } from "../../../base/byte-size.js";
import { SpillError, type SpillHandle, type SpillSpace } from "../../../engine/spill-space.js";

const PREFIX = "logmr-spill-";
const OWNER_ONLY = 0o600;

export class SpillFile implements SpillSpace {
  readonly #directory: string;
  readonly #wayOut: string;
  #descriptor: number | undefined;
  #length = 0;

  /** No file is made before it is needed. `wayOut`: how another directory is chosen, for messages. */
  constructor(directory: string, wayOut: string) {
    this.#directory = directory;
    this.#wayOut = wayOut;
  }

  get handle(): SpillHandle {
    return this.#descriptor ?? -1;
  }

  /** Bytes that are there. */
  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): number {
    const position = this.#length;
    try {
      const descriptor = this.#open();
      for (let written = 0; written < bytes.length; ) {
        written += writeSync(descriptor, bytes, written, bytes.length - written, position + written);
      }
    } catch (error) {
      this.close();
      throw this.#failure(error, position);
    }
    this.#length += bytes.length;
    return position;
  }

  read(handle: SpillHandle, target: Uint8Array, position: number): void {
    try {
      for (let read = 0; read < target.length; ) {
        const count = readSync(handle, target, read, target.length - read, position + read);
        if (count === 0) throw new Error(`it ends at byte ${position + read}`);
        read += count;
      }
    } catch (error) {
      throw this.#failure(error, position);
    }
  }

  clear(): void {
    if (this.#descriptor !== undefined && this.#length > 0) ftruncateSync(this.#descriptor, 0);
    this.#length = 0;
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    this.#length = 0;
  }

  #open(): number {
    if (this.#descriptor !== undefined) return this.#descriptor;
    const path = join(this.#directory, `${PREFIX}${randomUUID()}`);
    const descriptor = openSync(path, "wx+", OWNER_ONLY);
    this.#descriptor = descriptor;
    unlinkSync(path);
    return descriptor;
  }

  #failure(error: unknown, position: number): SpillError {
    const { code, message } = error as NodeJS.ErrnoException;
    const isFull = code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG";
    const what = isFull ? `has no room left after ${formatByteSize(position)}` : `cannot be used (${message})`;
    return new SpillError(
      isFull ? "disk-full" : "io",
      `Groups beyond the memory budget go to a temporary file in ${this.#directory}, which ${what}: ${this.#wayOut}, or raise --memory`,
      { cause: error },
    );
  }
}

/** Removes what a process left behind that was killed between making a file and taking its name away. */
export function removeStaleSpills(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (name.startsWith(PREFIX)) rmSync(join(directory, name), { force: true });
  }
}
