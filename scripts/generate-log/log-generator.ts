/**
 * A realistic access log from a seed: Zipf clients and pages, visits with referrers, crawlers and scanners, nights and
 * weekends, incidents full of 5xx, requests that are not HTTP, and lines that are broken at a stated rate. The same
 * options give the same bytes everywhere.
 */

import { assert } from "../../src/base/assert.js";
import { type Answer, drawAnswer } from "./answers.js";
import { ByteCanvas } from "./byte-canvas.js";
import { createLineWriter, type LogFormat } from "./line-formats.js";
import type { LineWriter } from "./line-writer.js";
import { SeededRandom } from "./random.js";
import { SESSION_SCRATCH_BYTES, Session, SessionPool } from "./session.js";
import { Site } from "./site.js";
import { LOG_START_MS, spanMs, TrafficClock } from "./traffic-clock.js";
import { FOREIGN_REQUESTS } from "./vocabulary.js";

/** When the log ends: with the line that reaches so many bytes, or after so many lines. */
export type LogLength = { readonly bytes: number } | { readonly lines: number };

export interface LogOptions {
  readonly length: LogLength;
  readonly seed: number;
  readonly format: LogFormat;
  /** Share of lines that no parser can take for a row, 0 to 1. */
  readonly brokenRate: number;
  /** Days over which the requests spread. */
  readonly days: number;
}

export const DEFAULT_LOG_OPTIONS: Omit<LogOptions, "length"> = {
  seed: 1,
  format: "combined",
  brokenRate: 0.0001,
  days: 7,
};

export interface LogSummary {
  readonly lines: number;
  readonly bytes: number;
  readonly brokenLines: number;
}

const BLOCK_BYTES = 1024 * 1024;
const LONGEST_LINE_BYTES = 4096;
const PIECES_BYTES = 1024 * 1024;
const SESSIONS = 512;
const FOREIGN_RATE = 0.0006;
const NEWLINE = 0x0a;
/** Mean length of a line, from which the pace of a log of so many bytes follows. */
const MEAN_LINE_BYTES: Readonly<Record<LogFormat, number>> = {
  combined: 245,
  common: 106,
  json: 351,
  application: 264,
};

const NOISE = [
  "nginx: [alert] could not open error log file: open() failed (28: No space left on device)",
  "\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000",
  "%{host}i %{ident}x 200",
];

/** Yields the log in blocks of about 1 MiB that end with a whole line; returns what it wrote. */
export function* generateLog(options: LogOptions): Generator<Uint8Array, LogSummary, undefined> {
  const composer = new LogComposer(options);
  const lineLimit = "lines" in options.length ? options.length.lines : Number.POSITIVE_INFINITY;
  const byteLimit = "bytes" in options.length ? options.length.bytes : Number.POSITIVE_INFINITY;
  let [lines, bytes] = [0, 0];
  while (lines < lineLimit && bytes < byteLimit) {
    const block = composer.nextBlock(lineLimit - lines, byteLimit - bytes);
    lines += block.lines;
    bytes += block.bytes.length;
    yield block.bytes;
  }
  return { lines, bytes, brokenLines: composer.brokenLines };
}

class LogComposer {
  readonly #options: LogOptions;
  readonly #random: SeededRandom;
  readonly #canvas: ByteCanvas;
  readonly #sessions: readonly Session[];
  readonly #clock: TrafficClock;
  readonly #writer: LineWriter;
  readonly #blockStart: number;
  readonly #answer: Answer = { method: "GET", status: 200, bytes: 0, durationMs: 0 };
  brokenLines = 0;

  constructor(options: LogOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    const scratchBytes = SESSIONS * SESSION_SCRATCH_BYTES;
    this.#canvas = new ByteCanvas(PIECES_BYTES + scratchBytes + BLOCK_BYTES + LONGEST_LINE_BYTES);
    const site = new Site(this.#canvas, this.#random);
    const pool = new SessionPool(this.#canvas, this.#random, site, options.seed);
    this.#writer = createLineWriter(this.#canvas, options.format);
    assert(this.#canvas.position <= PIECES_BYTES, `the rendered pieces fit into ${PIECES_BYTES} bytes`);
    this.#sessions = Array.from(
      { length: SESSIONS },
      (_, index) => new Session(pool, PIECES_BYTES + index * SESSION_SCRATCH_BYTES),
    );
    this.#blockStart = PIECES_BYTES + scratchBytes;
    const length = options.length;
    const lines = "lines" in length ? length.lines : length.bytes / MEAN_LINE_BYTES[options.format];
    this.#clock = new TrafficClock(this.#random, LOG_START_MS, spanMs(options.days) / Math.max(1, lines));
  }

  /** A block of whole lines, cut after the line that reaches one of the limits. */
  nextBlock(lineLimit: number, byteLimit: number): { readonly bytes: Uint8Array; readonly lines: number } {
    const end = this.#blockStart + Math.min(BLOCK_BYTES, byteLimit);
    let at = this.#blockStart;
    let lines = 0;
    while (at < end && lines < lineLimit) {
      at = this.#writeLine(at);
      lines += 1;
    }
    return { bytes: this.#canvas.bytes.slice(this.#blockStart, at), lines };
  }

  #writeLine(start: number): number {
    const random = this.#random;
    const session = this.#sessions[random.below(SESSIONS)];
    if (session === undefined) return start;
    this.#clock.advance();
    session.next();
    drawAnswer(this.#answer, session.request, this.#clock.inIncident, random);
    const foreign = random.chance(FOREIGN_RATE) ? random.below(FOREIGN_REQUESTS.length) : null;
    if (foreign !== null) this.#refuse(foreign);
    this.#canvas.position = start;
    const event = { session, answer: this.#answer, timeMs: this.#clock.nowMs, foreign };
    this.#writer.write(event);
    if (random.chance(this.#options.brokenRate)) this.#breakLine(start);
    this.#canvas.byte(NEWLINE);
    return this.#canvas.position;
  }

  #refuse(foreign: number): void {
    this.#answer.method = "GET";
    this.#answer.status = foreign === 0 ? 408 : 400;
    this.#answer.bytes = foreign === 0 ? -1 : 157;
  }

  /** As found in the wild: the end lost, the beginning lost, or something else altogether. */
  #breakLine(start: number): void {
    const canvas = this.#canvas;
    const { headEnd, requiredEnd } = this.#writer;
    this.brokenLines += 1;
    const kind = this.#random.below(4);
    if (kind < 2) {
      canvas.position = start + 1 + this.#random.below(requiredEnd - start - 1);
    } else if (kind === 2) {
      canvas.bytes.copyWithin(start, headEnd, canvas.position);
      canvas.position -= headEnd - start;
    } else {
      canvas.position = start;
      canvas.text(NOISE[this.#random.below(NOISE.length)] ?? "");
    }
  }
}
