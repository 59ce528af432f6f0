/** What the notations of a log share: the request that they write, and where a line may break. */

import type { Answer } from "./answers.js";
import type { ByteCanvas } from "./byte-canvas.js";
import type { Session } from "./session.js";

/** A request that is about to be written. `foreign`: what was sent is not HTTP; its index among the known ones. */
export interface LogEvent {
  readonly session: Session;
  readonly answer: Answer;
  readonly timeMs: number;
  readonly foreign: number | null;
}

export interface LineWriter {
  /** Writes a line without its newline. */
  write(event: LogEvent): void;
  /** In the line last written: it is broken if everything before this position is lost. */
  readonly headEnd: number;
  /** In the line last written: it is broken if everything from this position on, or from one before it, is lost. */
  readonly requiredEnd: number;
}

export const DAY_MS = 86_400_000;

/** `HH:MM:SS`. */
export function writeTimeOfDay(canvas: ByteCanvas, dayMs: number): void {
  const seconds = Math.floor(dayMs / 1000);
  canvas.padded(Math.floor(seconds / 3600), 2);
  canvas.byte(0x3a);
  canvas.padded(Math.floor(seconds / 60) % 60, 2);
  canvas.byte(0x3a);
  canvas.padded(seconds % 60, 2);
}
