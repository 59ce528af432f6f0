/** Reads the text of a pattern, code point by code point. */

import { PatternError } from "./pattern.js";

export class PatternReader {
  readonly #pattern: string;
  position = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  get isAtEnd(): boolean {
    return this.position >= this.#pattern.length;
  }

  /** The character `ahead` units from here; empty at the end. */
  peek(ahead = 0): string {
    return this.#pattern.charAt(this.position + ahead);
  }

  /** What follows from `ahead` units on. */
  rest(ahead = 0): string {
    return this.#pattern.slice(this.position + ahead);
  }

  isNext(text: string): boolean {
    return this.#pattern.startsWith(text, this.position);
  }

  take(text: string): boolean {
    if (!this.isNext(text)) return false;
    this.position += text.length;
    return true;
  }

  /** Takes what a sticky expression matches here. It runs on the pattern, which is capped, and never on data. */
  takeMatch(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.position;
    const match = expression.exec(this.#pattern);
    if (match === null) return undefined;
    this.position += match[0].length;
    return match;
  }

  skip(units: number): void {
    this.position += units;
  }

  /** The next code point; throws a {@link PatternError} at the end. */
  next(): number {
    const point = this.#pattern.codePointAt(this.position);
    if (point === undefined) throw this.failure("the pattern ends too early");
    this.position += point > 0xffff ? 2 : 1;
    return point;
  }

  failure(problem: string): PatternError {
    return new PatternError(Math.min(this.position, this.#pattern.length), problem);
  }
}
