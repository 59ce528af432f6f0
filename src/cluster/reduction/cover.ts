/**
 * The best answer there is when a job's deadline has passed: the largest vertices of which every span has a reader, each
 * pulled as ever. One that does not come in time is replaced by its children, down to the spans that are left out.
 */

import type { VertexKey } from "../../base/ids.js";
import { childrenOf, filesOf, spansOf, type Vertex } from "../../job/tree.js";
import type { View } from "../member.js";
import type { Protocol } from "../protocol.js";
import type { JobContext } from "./job-context.js";
import { MOST_LOSSES, refetched } from "./lost-values.js";
import { VertexFetch } from "./vertex-fetch.js";

export class Cover {
  readonly context: JobContext;
  readonly #protocol: Protocol;
  readonly #missing: Vertex[] = [];
  #fetches: readonly VertexFetch[];
  #untilMs: number;
  #losses = 0;
  isOver = false;

  constructor(context: JobContext, view: View, nowMs: number, protocol: Protocol) {
    this.context = context;
    this.#protocol = protocol;
    this.#untilMs = nowMs + protocol.coverMs;
    this.#fetches = this.#readable(context.root, view).map((vertex) => new VertexFetch(context, vertex, undefined));
  }

  get fetches(): readonly VertexFetch[] {
    return this.#fetches;
  }

  get isComplete(): boolean {
    return this.#fetches.every((fetch) => fetch.isDone);
  }

  /** Gives up what did not come in time; returns those fetches, to be ended. Their children are fetched from now on. */
  giveUp(nowMs: number): readonly VertexFetch[] {
    if (nowMs < this.#untilMs) return [];
    const late = this.#fetches.filter((fetch) => !fetch.isDone);
    const children = late.flatMap(({ vertex }) => this.#below(vertex));
    this.#fetches = [
      ...this.#fetches.filter((fetch) => fetch.isDone),
      ...children.map((vertex) => new VertexFetch(this.context, vertex, undefined)),
    ];
    this.#untilMs = nowMs + this.#protocol.coverMs;
    return late;
  }

  /** Values that it found are lost: returns their fetches, to be ended; others take their places and have the time anew. */
  refetch(lost: readonly VertexKey[], nowMs: number): readonly VertexFetch[] | "too-often" {
    this.#losses += 1;
    if (this.#losses > MOST_LOSSES) return "too-often";
    const ended = this.#fetches.filter((fetch) => lost.includes(fetch.key));
    this.#fetches = refetched(this.#fetches, lost);
    this.#untilMs = nowMs + this.#protocol.coverMs;
    this.isOver = false;
    return ended;
  }

  get doneBytes(): number {
    return this.#fetches.reduce((sum, fetch) => sum + this.context.bytesOf(fetch.vertex), 0);
  }

  /** Files of the manifest that lack at least one span. */
  get missingFiles(): readonly number[] {
    const files = new Set<number>();
    for (const span of this.#missing) {
      const { first, end } = filesOf(this.context.shape, span);
      for (let file = first; file < end; file += 1) files.add(file);
    }
    return [...files].sort((left, right) => left - right);
  }

  /** The largest vertices at or below this one whose spans all have somebody who can read them. */
  #readable(vertex: Vertex, view: View): readonly Vertex[] {
    const placement = this.context.placement(view);
    const spans = spansOf(this.context.shape, vertex);
    if (spans.every((span) => placement.candidatesOf(span).length > 0)) return [vertex];
    return this.#below(vertex).flatMap((child) => this.#readable(child, view));
  }

  #below(vertex: Vertex): readonly Vertex[] {
    if (!this.context.isSpan(vertex)) return childrenOf(this.context.shape, vertex);
    this.#missing.push(vertex);
    return [];
  }
}
