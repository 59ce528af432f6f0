/**
 * A log that its application writes while jobs read it: it grows by whole lines, and is rotated, truncated or rewritten.
 * What it ever was is kept with the time in which it was that, so that an answer can be held against it.
 */

import {
  appendFileSync,
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename } from "node:path";

/** The log between two changes that are not growth. */
interface Generation {
  content: Buffer;
  /** When it had how many lines: at each moment the last entry before it counts, or one that is under way. */
  readonly growth: { readonly fromMs: number; readonly lines: number }[];
  untilMs: number;
}

const NEWLINE = 0x0a;

export class LiveLog {
  readonly path: string;
  readonly #nowMs: () => number;
  readonly #supply: Buffer;
  readonly #generations: Generation[] = [];
  readonly #changesMs: number[] = [];
  #supplied = 0;

  /** Begins with the first half of `seed`, cut at a line; the rest is for what is appended. */
  constructor(path: string, seed: string, nowMs: () => number) {
    this.path = path;
    this.#nowMs = nowMs;
    this.#supply = readFileSync(seed);
    this.#begin(Buffer.alloc(0));
    this.append(this.#supply.length / 2);
  }

  get name(): string {
    return basename(this.path);
  }

  append(bytes: number): void {
    const generation = this.#current;
    const lines = this.#nextLines(bytes);
    generation.content = Buffer.concat([generation.content, lines]);
    // Counts from before the write: who looks meanwhile may see any part of it.
    generation.growth.push({ fromMs: this.#nowMs(), lines: countLines(generation.content) });
    appendFileSync(this.path, lines);
  }

  /** As logrotate does: the old file under another name, a new one in its place. */
  rotate(bytes: number): void {
    this.#change(() => {
      renameSync(this.path, `${this.path}.1`);
      this.#begin(Buffer.alloc(0));
      this.append(bytes);
    });
  }

  /** As logrotate's copytruncate does: the same file, emptied, goes on. */
  copyTruncate(bytes: number): void {
    this.#change(() => {
      copyFileSync(this.path, `${this.path}.1`);
      truncateSync(this.path, 0);
      this.#begin(Buffer.alloc(0));
      this.append(bytes);
    });
  }

  /** Other lines of the same length, in the same file. */
  rewrite(): void {
    this.#change(() => {
      const other = Buffer.from(withOtherSizes(this.#current.content.toString("latin1")), "latin1");
      const file = openSync(this.path, "r+");
      writeSync(file, other);
      closeSync(file);
      this.#begin(other);
    });
  }

  /** What the log was at some moment between the two, with exactly so many lines; several where it was changed. */
  withLines(lines: number, fromMs: number, untilMs: number): readonly Buffer[] {
    return this.#generations.flatMap((generation) => {
      const { content, growth } = generation;
      const [first] = growth;
      if (first === undefined || first.fromMs > untilMs || generation.untilMs < fromMs) return [];
      const least = growth.filter((step) => step.fromMs <= fromMs).at(-2)?.lines ?? 0;
      const most = growth.filter((step) => step.fromMs <= untilMs).at(-1)?.lines ?? 0;
      return lines >= least && lines <= most ? [content.subarray(0, endOfLines(content, lines))] : [];
    });
  }

  /** Whether it changed in another way than growing. */
  isChangedBetween(fromMs: number, untilMs: number): boolean {
    return this.#changesMs.some((atMs) => atMs >= fromMs && atMs <= untilMs);
  }

  get #current(): Generation {
    return this.#generations.at(-1) ?? { content: Buffer.alloc(0), growth: [], untilMs: 0 };
  }

  /** A change that is under way counts from its beginning to its end. */
  #change(make: () => void): void {
    this.#changesMs.push(this.#nowMs());
    make();
    this.#changesMs.push(this.#nowMs());
  }

  #begin(content: Buffer): void {
    const nowMs = this.#nowMs();
    this.#current.untilMs = nowMs;
    const lines = countLines(content);
    this.#generations.push({ content, growth: [{ fromMs: nowMs, lines }], untilMs: Number.POSITIVE_INFINITY });
    if (lines === 0) writeFileSync(this.path, "");
  }

  /** Whole lines of about so many bytes; from the beginning again where the supply ends. */
  #nextLines(bytes: number): Buffer {
    if (this.#supplied + bytes > this.#supply.length) this.#supplied = 0;
    const end = this.#supply.indexOf(NEWLINE, this.#supplied + Math.floor(bytes) - 1) + 1;
    const lines = this.#supply.subarray(this.#supplied, end === 0 ? this.#supply.length : end);
    this.#supplied += lines.length;
    return Buffer.from(lines);
  }
}

function countLines(content: Buffer): number {
  let lines = 0;
  for (let at = content.indexOf(NEWLINE); at !== -1; at = content.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}

function endOfLines(content: Buffer, lines: number): number {
  let end = 0;
  for (let line = 0; line < lines; line += 1) end = content.indexOf(NEWLINE, end) + 1;
  return end;
}

/** The first digit of each response's size is another one; every line keeps its form and its length. */
const withOtherSizes = (text: string): string =>
  text.replace(/(" \d{3} )([1-8])/g, (_all, before: string, digit: string) => `${before}${9 - Number(digit)}`);
