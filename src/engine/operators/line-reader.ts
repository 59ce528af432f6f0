/**
 * Reads a byte range of a file into the kernels' memory and splits it into batches of lines. A line belongs to the range
 * in which its first byte lies, so that any split of a file gives each line to exactly one range.
 */

import { MOST_MARK_BYTES, markBytes } from "../byte-order-mark.js";
import type { ByteReader } from "../byte-reader.js";
import type { Address } from "../kernels/kernel-exports.js";
import type { Kernels } from "../kernels/kernels.js";
import { BATCH_ROWS, BATCH_TEXT_BYTES, LINE_SPLIT, LOAD_SLACK_BYTES } from "../kernels/layout.js";
import type { Region } from "../kernels/linear-memory.js";
import { ScanError } from "./scan-error.js";

/** Half-open range of a file, whose lines may reach beyond it up to `scanSize`. Infinity where the end is not known. */
export interface LineRange {
  readonly start: number;
  readonly end: number;
  readonly scanSize: number;
}

export interface LineEvents {
  /**
   * `rows` lines lie at the lines of the batch; `textBytes` of text, with their line ends and with `skipped` lines that a
   * sieve left out. A line at an address begins at byte `origin` + address of the file.
   */
  onBatch(rows: number, textBytes: number, origin: number, skipped: number): void;
  /** Asked after each batch: true ends the reading there. */
  isEnough?(): boolean;
  /** Bytes of the range that were read. */
  onProgress?(doneBytes: number): void;
}

const READ_BYTES = 1024 * 1024;
/** Read beyond the range's end at first, to find the end of its last line. */
const OVERLAP_BYTES = 4096;
/** A line of the cache. */
const READ_ALIGNMENT = 64;
const MAX_ADDRESS = 0xffff_ffff;

export class LineReader {
  readonly #kernels: Kernels;
  readonly #lines: Address;
  readonly #split: Address;
  #text: Region;

  constructor(kernels: Kernels, lines: Address) {
    this.#kernels = kernels;
    this.#lines = lines;
    this.#split = kernels.memory.allocate(LINE_SPLIT.sizeBytes).address;
    this.#text = kernels.memory.allocate(2 * READ_BYTES);
  }

  /**
   * With a `needle` (assembly/sieve-lines.ts), lines that do not hold it are only counted. Throws what the reader throws, and
   * a {@link ScanError} if it ends before the range's `scanSize`.
   */
  read(reader: ByteReader, range: LineRange, events: LineEvents, needle?: Address): void {
    let end = Math.min(range.end, range.scanSize);
    if (range.start >= end) return;
    // The byte before the range tells whether a line begins at its first byte.
    let isInsideLine = range.start > 0;
    let position = isInsideLine ? range.start - 1 : 0;
    let filled = this.#makeRoom(0, 0, position);
    let lineStart = filled;
    let searchFrom = filled;
    let isMarkPossible = range.start === 0;
    let isLastText = false;
    while (!isLastText) {
      const wanted = wantedBytes(position, end, range.scanSize);
      const taken = this.#readText(reader, filled, position, wanted);
      filled += taken;
      position += taken;
      isLastText = taken === 0 || position >= range.scanSize;
      if (taken === 0 && position < range.scanSize && Number.isFinite(range.scanSize)) {
        throw new ScanError(
          "input-ended",
          `The input ended at byte ${position}, before the ${range.scanSize} bytes it had; run the query again`,
        );
      }
      if (isInsideLine) {
        const newline = this.#kernels.call.findNewline(searchFrom, filled) >>> 0;
        isInsideLine = newline === filled;
        lineStart = isInsideLine ? filled : newline + 1;
        searchFrom = lineStart;
      }
      if (isMarkPossible && (isLastText || filled - lineStart >= MOST_MARK_BYTES)) {
        isMarkPossible = false;
        const mark = markBytes(this.#kernels.memory.bytes.subarray(lineStart, filled));
        lineStart += mark;
        searchFrom = lineStart;
        // The first line belongs to the range that has its mark, however little more that has.
        if (mark > 0) end = Math.max(end, mark + 1);
      }
      if (!isInsideLine && !isMarkPossible) {
        const origin = position - filled;
        const rangeEnd = end - origin;
        const text = { lineStart, searchFrom, textEnd: filled, rangeEnd, isLastText, origin, needle };
        lineStart = this.#splitText(text, events);
        searchFrom = filled;
        if (lineStart >= rangeEnd || events.isEnough?.() === true) isLastText = true;
      }
      events.onProgress?.(Math.min(position, end) - range.start);
      const kept = filled - lineStart;
      filled = this.#makeRoom(lineStart, filled, position);
      lineStart = filled - kept;
      searchFrom = filled;
    }
  }

  #readText(reader: ByteReader, at: Address, position: number, wanted: number): number {
    return wanted === 0 ? 0 : reader.read(this.#kernels.memory.bytes.subarray(at, at + wanted), position);
  }

  /** Hands over all whole lines; returns the start of the first one that is not whole. */
  #splitText(text: SplitText, events: LineEvents): Address {
    const { view } = this.#kernels.memory;
    view.setUint32(this.#split + LINE_SPLIT.lineStart, text.lineStart, true);
    view.setUint32(this.#split + LINE_SPLIT.searchFrom, text.searchFrom, true);
    view.setUint32(this.#split + LINE_SPLIT.textEnd, text.textEnd, true);
    view.setUint32(this.#split + LINE_SPLIT.rangeEnd, Math.min(text.rangeEnd, MAX_ADDRESS), true);
    view.setUint32(this.#split + LINE_SPLIT.isLastText, text.isLastText ? 1 : 0, true);
    view.setUint32(this.#split + LINE_SPLIT.skipped, 0, true);
    const stop = Math.min(text.textEnd, text.rangeEnd);
    let { lineStart } = text;
    while (lineStart < stop) {
      const rows = this.#nextLines(text.needle);
      const next = this.#kernels.memory.view.getUint32(this.#split + LINE_SPLIT.lineStart, true);
      if (next === lineStart) break;
      const skipped = this.#kernels.memory.view.getUint32(this.#split + LINE_SPLIT.skipped, true);
      events.onBatch(rows, next - lineStart, text.origin, skipped);
      lineStart = next;
      if (events.isEnough?.() === true) break;
    }
    return lineStart;
  }

  #nextLines(needle: Address | undefined): number {
    const { call } = this.#kernels;
    return needle === undefined
      ? call.splitLines(this.#split, this.#lines, BATCH_ROWS, BATCH_TEXT_BYTES)
      : call.sieveLines(this.#split, this.#lines, BATCH_ROWS, BATCH_TEXT_BYTES, needle);
  }

  /**
   * Moves the text in [from, end) to where the bytes from `position` on can be read behind it; returns where they belong.
   * That place is as far from a multiple of the alignment as the position: copies out of the page cache to a place that was
   * up to 31 bytes further in its page than their source took two to seven times as long. A long line stays where it is as
   * long as there is room behind it: moved for each read, it would take time in the square of its length.
   */
  #makeRoom(from: Address, end: Address, position: number): Address {
    const kept = end - from;
    const { memory } = this.#kernels;
    const roomEnd = this.#text.address + this.#text.sizeBytes;
    if (kept > READ_BYTES && end + READ_BYTES + LOAD_SLACK_BYTES <= roomEnd) return end;
    if (kept + 2 * READ_ALIGNMENT + READ_BYTES + LOAD_SLACK_BYTES > this.#text.sizeBytes) {
      this.#text = memory.allocate(this.#text.sizeBytes * 2);
    }
    const aligned = Math.ceil((this.#text.address + kept) / READ_ALIGNMENT) * READ_ALIGNMENT;
    const place = aligned + (position % READ_ALIGNMENT);
    if (kept > 0) memory.bytes.copyWithin(place - kept, from, end);
    return place;
  }
}

interface SplitText {
  readonly lineStart: Address;
  readonly searchFrom: Address;
  readonly textEnd: Address;
  readonly rangeEnd: Address;
  readonly isLastText: boolean;
  /** File offset of address 0. */
  readonly origin: number;
  readonly needle: Address | undefined;
}

/** Bytes to read at `position`: up to the range's end with a little overlap, then on towards the end of the last line. */
function wantedBytes(position: number, end: number, scanSize: number): number {
  const ahead = position < end ? end - position + OVERLAP_BYTES : 16 * OVERLAP_BYTES;
  return Math.max(0, Math.min(READ_BYTES, ahead, scanSize - position));
}
