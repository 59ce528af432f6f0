/** Holds the text of a member of a gzip file against what the end of the member says of it, part by part as it is read. */

import { crc32 } from "node:zlib";

export interface MemberCheck {
  readonly crc32: number;
  /** Modulo 2^32. */
  readonly bytes: number;
}

export class TextCheck {
  #crc = 0;
  #bytes = 0;

  add(part: Uint8Array): void {
    this.#crc = crc32(part, this.#crc);
    this.#bytes += part.length;
  }

  /** The text is whole, and the next one begins. Throws an Error in zlib's words if it is not what it should be. */
  finish(check: MemberCheck): void {
    if (this.#crc !== check.crc32) throw new Error("incorrect data check");
    if (this.#bytes % 2 ** 32 !== check.bytes) throw new Error("incorrect length check");
    this.#crc = 0;
    this.#bytes = 0;
  }
}
