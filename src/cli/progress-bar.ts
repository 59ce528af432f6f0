/** A line on a terminal's stderr that shows how far a scan is; nothing anywhere else. */

import type { OutputStream } from "./output/print-table.js";

const BAR_CELLS = 30;
const REDRAW_MS = 100;
const CLEAR_LINE = "\r\u001b[2K";
const BYTES_PER_MB = 1_000_000;

export class ProgressBar {
  readonly #stream: OutputStream;
  readonly #isShown: boolean;
  #drawnAtMs = Number.NEGATIVE_INFINITY;
  #isDrawn = false;

  constructor(stream: OutputStream, isQuiet: boolean) {
    this.#stream = stream;
    this.#isShown = stream.isTTY === true && !isQuiet;
  }

  /** The total is undefined for a stream without a known end. */
  update(doneBytes: number, totalBytes: number | undefined): void {
    const nowMs = performance.now();
    if (!this.#isShown || nowMs - this.#drawnAtMs < REDRAW_MS) return;
    this.#drawnAtMs = nowMs;
    this.#isDrawn = true;
    this.#stream.write(CLEAR_LINE + progressText(doneBytes, totalBytes));
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#isDrawn) this.#stream.write(CLEAR_LINE);
    this.#isDrawn = false;
  }
}

export function progressText(doneBytes: number, totalBytes: number | undefined): string {
  const done = `${(doneBytes / BYTES_PER_MB).toFixed(1)} MB`;
  if (totalBytes === undefined || totalBytes === 0) return done;
  const share = Math.min(1, doneBytes / totalBytes);
  const filled = Math.round(share * BAR_CELLS);
  const percent = `${Math.floor(share * 100)}`.padStart(3);
  return `${"█".repeat(filled)}${"░".repeat(BAR_CELLS - filled)} ${percent} %  ${done}`;
}
