/** Lines on a terminal that are drawn again in place; the last ones stay. */

import type { OutputStream } from "./output/print-table.js";

const CLEAR_TO_END = "\u001b[0J";

export class RedrawnLines {
  readonly #stream: OutputStream;
  #drawn = 0;

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  /** Lines must be no wider than the terminal. */
  draw(lines: readonly string[]): void {
    const up = this.#drawn === 0 ? "" : `\u001b[${this.#drawn}A\r${CLEAR_TO_END}`;
    this.#stream.write(`${up}${lines.map((line) => `${line}\n`).join("")}`);
    this.#drawn = lines.length;
  }
}
