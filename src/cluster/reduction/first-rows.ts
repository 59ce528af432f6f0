/**
 * The rows of a LIMIT without ORDER BY are the first ones in the order of the input, so the spans behind those that hold
 * them are not needed. Which spans these are follows from the spans alone: the shortest row of them from the front whose
 * rows suffice. So every root gives the same answer with the same counters, however far each of the spans behind had come,
 * and the spans themselves are whole vertices, good for any job.
 */

import type { VertexKey } from "../../base/ids.js";
import type { VertexFetch } from "./vertex-fetch.js";

/** Asked for at once; then one more for each that is done, so that no more than about twice what is needed is read. */
const SPANS_AT_FIRST = 4;
const MOST_OPEN_SPANS = 256;
/** Of a large LIMIT as many as the children of a vertex, each of which has that many rows at most. */
const LEAST_OPEN_SPANS = 16;
const MOST_OPEN_ROWS = 2 ** 22;

export class FirstRows {
  readonly #limit: number;
  /** Of the spans from the front that are done, those that were counted, and their rows. */
  #spans = 0;
  #rows = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Values were lost: the spans are counted anew. */
  restart(): void {
    this.#spans = 0;
    this.#rows = 0;
  }

  /** Spans to ask for now. */
  wanted(spans: readonly VertexFetch[]): readonly VertexFetch[] {
    const open = spans.filter((span) => !span.isDone);
    const most = Math.max(LEAST_OPEN_SPANS, Math.min(MOST_OPEN_SPANS, Math.floor(MOST_OPEN_ROWS / this.#limit)));
    return open.slice(0, Math.min(most, spans.length - open.length + SPANS_AT_FIRST));
  }

  /** How many of the spans the answer is made of; undefined until that is certain. `rowsOf`: of one that is done. */
  needed(spans: readonly VertexFetch[], rowsOf: (key: VertexKey) => number): number | undefined {
    while (this.#rows < this.#limit && this.#spans < spans.length) {
      const span = spans[this.#spans];
      if (span?.isDone !== true) return undefined;
      this.#rows += rowsOf(span.key);
      this.#spans += 1;
    }
    return this.#spans;
  }
}
