/** Plain files as byte readers: positioned synchronous reads on a descriptor of its own, so that threads never share one. */

import { closeSync, openSync, readSync } from "node:fs";
import type { ByteReader } from "../../../engine/byte-reader.js";
import { asInputError, InputError } from "../../input-error.js";

export class FileReader implements ByteReader {
  readonly #name: string;
  readonly #expectedBytes: number;
  readonly #descriptor: number;

  /**
   * `expectedBytes`: how far the caller will read; `name`: the file's in messages. Throws an {@link InputError}: at once if the file cannot be opened, later
   * (`changed`) if it ends before that.
   */
  constructor(path: string, expectedBytes: number, name = path) {
    this.#name = name;
    this.#expectedBytes = expectedBytes;
    try {
      this.#descriptor = openSync(path, "r");
    } catch (error) {
      throw asInputError(error, name);
    }
  }

  read(target: Uint8Array, position: number): number {
    let count: number;
    try {
      count = readSync(this.#descriptor, target, 0, target.length, position);
    } catch (error) {
      throw asInputError(error, this.#name);
    }
    if (count === 0 && target.length > 0 && position < this.#expectedBytes) {
      throw new InputError(
        "changed",
        this.#name,
        `"${this.#name}" was cut to ${position} bytes while it was read; it had ${this.#expectedBytes}. Run the query again.`,
      );
    }
    return count;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
