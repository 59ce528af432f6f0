/**
 * The best current cover of a vertex: what of it is finished at this moment, wherever that is. A preview starts no work. It
 * follows the fetches that are under way, asks the nodes that gather the missing parts what they have, and takes what comes in
 * time.
 */

import type { NodeId, VertexKey } from "../../base/ids.js";
import type { FinishedVertex } from "../../job/hash-part.js";
import type { Manifest } from "../../job/manifest.js";
import { type Vertex, vertexName } from "../../job/tree.js";
import type { JobContext } from "./job-context.js";
import type { Pull, Puller, ReductionInput } from "./reduction-events.js";
import type { ReductionState } from "./reduction-state.js";
import type { VertexTask } from "./vertex-task.js";

/** Of the time that a node has, what it gives those whom it asks. */
const SHARE_OF_TIME = 0.7;

interface OpenPreview {
  readonly manifest: Manifest;
  /** Values without a common byte. */
  readonly keys: VertexKey[];
  readonly waiting: Set<Pull>;
  /** Values that peers sent for this preview alone. */
  readonly received: VertexKey[];
  readonly untilMs: number;
  doneBytes: number;
}

/** `context`: of the job that the vertex is one of; jobs share the work on what has the same content. */
interface Question {
  readonly node: NodeId;
  readonly context: JobContext;
  readonly vertex: Vertex;
}

interface Found {
  readonly keys: VertexKey[];
  readonly questions: Question[];
  doneBytes: number;
}

export class Previews {
  readonly #state: ReductionState;
  readonly #open = new Map<Puller, OpenPreview>();

  constructor(state: ReductionState) {
    this.#state = state;
  }

  get isBusy(): boolean {
    return this.#open.size > 0;
  }

  begin({ asker, manifest, vertex, root, withinMs }: Extract<ReductionInput, { kind: "preview" }>): void {
    const { view, nowMs } = this.#state;
    const context = this.#state.contextOf(manifest);
    const found: Found = { keys: [], questions: [], doneBytes: 0 };
    if (root === null || root === view.self) this.#collect(context, vertex, found);
    else found.questions.push({ node: root, context, vertex });
    const { keys, doneBytes } = found;
    const untilMs = nowMs + withinMs;
    const preview = { manifest, keys, doneBytes, waiting: new Set<Pull>(), received: [], untilMs };
    this.#open.set(asker, preview);
    for (const { node, context: askedIn, vertex: asked } of found.questions) {
      const pull = this.#state.numberPull();
      preview.waiting.add(pull);
      const key = `preview ${pull}` as VertexKey;
      const previewMs = withinMs * SHARE_OF_TIME;
      this.#state.emit({
        kind: "preview-pull",
        pull,
        from: node,
        manifest: askedIn.manifest,
        vertex: asked,
        key,
        previewMs,
      });
    }
    this.#endIfComplete(asker, preview);
  }

  /** A peer sent what it has, kept under `key`; undefined if it has nothing. */
  answered(pull: Pull, key: VertexKey | undefined, doneBytes: number): void {
    for (const [asker, preview] of this.#open) {
      if (!preview.waiting.delete(pull)) continue;
      if (key !== undefined) {
        preview.keys.push(key);
        preview.received.push(key);
        preview.doneBytes += doneBytes;
      }
      this.#endIfComplete(asker, preview);
      return;
    }
    if (key !== undefined) this.#state.emit({ kind: "forget", key });
  }

  /** Whoever asked is gone. */
  withdraw(asker: Puller): void {
    const preview = this.#open.get(asker);
    if (preview !== undefined) this.#close(asker, preview);
  }

  advance(): void {
    for (const [asker, preview] of this.#open) {
      if (this.#state.nowMs >= preview.untilMs) this.#end(asker, preview);
    }
  }

  #collect(context: JobContext, vertex: Vertex, found: Found): void {
    const { tasks, options, view } = this.#state;
    const key = context.keyOf(vertex);
    if (options.hasValue(key)) {
      found.keys.push(key);
      found.doneBytes += context.bytesOf(vertex);
      return;
    }
    const task = tasks.get(key) ?? this.#rootTask(context, vertex);
    for (const child of task?.children ?? []) {
      if (child.finished !== undefined) {
        this.#collectFinished(child.context, child.finished, found);
        continue;
      }
      const asked = child.attempts.find(({ pull }) => pull !== undefined);
      const isHere =
        child.isDone || options.hasValue(child.key) || child.attempts.some(({ node }) => node === view.self);
      if (isHere || asked === undefined) this.#collect(child.context, child.vertex, found);
      else if (!child.isSpan) {
        found.questions.push({ node: asked.node, context: child.context, vertex: child.vertex });
      }
    }
  }

  /** A root here may be gathered under a key of its own, for what of it is shown. */
  #rootTask({ manifest, root }: JobContext, vertex: Vertex): VertexTask | undefined {
    const { jobs, tasks } = this.#state;
    const fetch = vertexName(vertex) === vertexName(root) ? jobs.get(manifest.jobId)?.root : undefined;
    return fetch === undefined ? undefined : tasks.get(fetch.taskKey);
  }

  /** What is too large to be sent on the way is all the same what there is of the answer. */
  #collectFinished(context: JobContext, finished: readonly FinishedVertex[], found: Found): void {
    for (const { node, vertex } of finished) {
      if (node === this.#state.view.self) this.#collect(context, vertex, found);
      else found.questions.push({ node, context, vertex });
    }
  }

  #endIfComplete(asker: Puller, preview: OpenPreview): void {
    if (preview.waiting.size === 0) this.#end(asker, preview);
  }

  #end(asker: Puller, preview: OpenPreview): void {
    const { manifest, keys, doneBytes } = preview;
    this.#state.emit({ kind: "preview-ready", asker, manifest, keys, doneBytes });
    this.#close(asker, preview);
  }

  #close(asker: Puller, preview: OpenPreview): void {
    this.#open.delete(asker);
    for (const pull of preview.waiting) this.#state.emit({ kind: "cancel-pull", pull });
    for (const key of preview.received) this.#state.emit({ kind: "forget", key });
  }
}
