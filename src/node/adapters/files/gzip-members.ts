/**
 * A gzip file (RFC 1952) as blocks of what is in it: headers and ends of its members are read here, their data is inflated
 * in the kernel. Whoever takes the blocks holds them against the checks. What is refused, and in which words, is as in zlib.
 */

import { crc32 } from "node:zlib";
import type { InflatedBlock, Inflater } from "../../../engine/kernels/inflater.js";
import type { MemberCheck } from "./text-check.js";

export interface BlockSink {
  /** Waits until the next block may be made. */
  waitForRoom(): void;
  /** Takes a block; `check` is of the member that ends with it. */
  take(block: InflatedBlock, check?: MemberCheck): void;
}

const MAGIC = 0x8b1f;
const DEFLATE = 8;
const FLAG_HEADER_CRC = 2;
const FLAG_EXTRA = 4;
const FLAG_NAME = 8;
const FLAG_COMMENT = 16;
const RESERVED_FLAGS = 0xe0;
/** Modification time, extra flags, operating system. */
const UNUSED_BYTES = 6;
const CHECK_BYTES = 8;

export class GzipMembers {
  readonly #inflater: Inflater;
  readonly #read: (target: Uint8Array) => number;
  readonly #sink: BlockSink;
  /** Of the header so far, where it may be asked for. */
  #headerCrc = 0;

  /** `read` puts the next bytes of the file into a target; 0 at its end. */
  constructor(inflater: Inflater, read: (target: Uint8Array) => number, sink: BlockSink) {
    this.#inflater = inflater;
    this.#read = read;
    this.#sink = sink;
  }

  /** Inflates all members. Zeros behind the last one end the file. Throws an Error in zlib's words for what is damaged. */
  run(): void {
    do {
      this.#header();
      this.#member();
    } while (this.#hasMore() && this.#inflater.input[0] !== 0);
  }

  #header(): void {
    this.#headerCrc = 0;
    if (this.#word() !== MAGIC) throw new Error("incorrect header check");
    const methodAndFlags = this.#word();
    if ((methodAndFlags & 0xff) !== DEFLATE) throw new Error("unknown compression method");
    const flags = methodAndFlags >> 8;
    if ((flags & RESERVED_FLAGS) !== 0) throw new Error("unknown header flags set");
    this.#skip(UNUSED_BYTES);
    if ((flags & FLAG_EXTRA) !== 0) this.#skip(this.#word());
    if ((flags & FLAG_NAME) !== 0) this.#skipText();
    if ((flags & FLAG_COMMENT) !== 0) this.#skipText();
    if ((flags & FLAG_HEADER_CRC) === 0) return;
    const expected = this.#headerCrc & 0xffff;
    if (this.#word() !== expected) throw new Error("header crc mismatch");
  }

  #member(): void {
    const inflater = this.#inflater;
    inflater.begin();
    let isEnded = false;
    while (!isEnded) {
      this.#sink.waitForRoom();
      inflater.beginBlock();
      let stop = inflater.run();
      while (stop === "input") {
        this.#fill();
        stop = inflater.run();
      }
      isEnded = stop === "end";
      this.#sink.take(inflater.block, isEnded ? this.#check() : undefined);
    }
  }

  #check(): MemberCheck {
    while (this.#inflater.input.length < CHECK_BYTES) this.#fill();
    const { buffer, byteOffset } = this.#inflater.input;
    const view = new DataView(buffer, byteOffset, CHECK_BYTES);
    const check = { crc32: view.getUint32(0, true), bytes: view.getUint32(4, true) };
    this.#inflater.skip(CHECK_BYTES);
    return check;
  }

  /** Two bytes, the low one first. As zlib does, nobody judges the first before the second is there. */
  #word(): number {
    const low = this.#byte();
    return low + this.#byte() * 256;
  }

  #byte(): number {
    return this.#next(1)[0] ?? 0;
  }

  #skip(bytes: number): void {
    for (let left = bytes; left > 0; ) left -= this.#next(left).length;
  }

  #skipText(): void {
    let isEnded = false;
    while (!isEnded) {
      const end = this.#input().indexOf(0);
      isEnded = end >= 0;
      this.#next(isEnded ? end + 1 : this.#input().length);
    }
  }

  /** Takes up to so many bytes of a header, at least one. */
  #next(most: number): Uint8Array {
    const bytes = this.#input().subarray(0, most);
    this.#headerCrc = crc32(bytes, this.#headerCrc);
    this.#inflater.skip(bytes.length);
    return bytes;
  }

  /** What was read and not taken yet: at least one byte. */
  #input(): Uint8Array {
    if (this.#inflater.input.length === 0) this.#fill();
    return this.#inflater.input;
  }

  #hasMore(): boolean {
    return this.#inflater.input.length > 0 || this.#inflater.fill(this.#read) > 0;
  }

  #fill(): void {
    if (this.#inflater.fill(this.#read) === 0) throw new Error("unexpected end of file");
  }
}
