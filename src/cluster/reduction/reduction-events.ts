/** What goes into the reduction core and what comes out of it. The core knows keys; the driver holds the values. */

import type { JobId, NodeId, VertexKey } from "../../base/ids.js";
import type { Manifest } from "../../job/manifest.js";
import type { Vertex } from "../../job/tree.js";
import type { View } from "../member.js";

/** The driver's number for a peer that pulls a vertex. */
export type Puller = number;
/** This core's number for a pull that it has open at a peer. */
export type Pull = number;

/** How a vertex fares at the node that was asked for it. */
export interface VertexProgress {
  readonly doneBytes: number;
  /** Bytes of the spans that wait for a thread at the node, for all its work. */
  readonly queuedBytes: number;
  /** The vertex is a span that waits for a thread. */
  readonly isWaiting: boolean;
  /** Changes as long as the vertex is worked for, or waits for a thread of a node that gets on. */
  readonly activity: number;
}

export type VertexFailure = "unknown-job" | "not-holder" | "declined" | "input-changed" | "failed" | "unreachable";

export type ReductionInput =
  | { readonly kind: "view"; readonly view: View }
  /**
   * As `root`, compute the job's root. When `isNew`, the job was planned a moment ago: start the spans that this node owns
   * without being asked. Again for a job under way: whatever is new.
   */
  | { readonly kind: "work"; readonly manifest: Manifest; readonly root: boolean; readonly isNew: boolean }
  /** The deadline of the root here has passed: gather what can be had. The root goes on meanwhile. */
  | { readonly kind: "cover"; readonly jobId: JobId }
  /** Nothing was merged: the store has lost values that the cover found there. */
  | { readonly kind: "cover-lost"; readonly jobId: JobId; readonly keys: readonly VertexKey[] }
  /** The job needs no more work here; open pulls of others go on. */
  | { readonly kind: "rest"; readonly jobId: JobId }
  | { readonly kind: "pulled"; readonly puller: Puller; readonly manifest: Manifest; readonly vertex: Vertex }
  /** The value that was to be served had been lost from the store: it is computed anew. */
  | { readonly kind: "value-lost"; readonly puller: Puller; readonly manifest: Manifest; readonly vertex: Vertex }
  | { readonly kind: "puller-gone"; readonly puller: Puller }
  | { readonly kind: "task-progress"; readonly key: VertexKey; readonly doneBytes: number }
  | { readonly kind: "task-done"; readonly key: VertexKey }
  /** Nothing was merged: the store has lost the values of these children, which it had. */
  | { readonly kind: "children-lost"; readonly key: VertexKey; readonly children: readonly VertexKey[] }
  | {
      readonly kind: "task-failed";
      readonly key: VertexKey;
      readonly failure: VertexFailure;
      readonly detail: string;
    }
  | { readonly kind: "pull-progress"; readonly pull: Pull; readonly progress: VertexProgress }
  /** The value has arrived, and the driver holds it under the vertex's key. `isFound`: nothing was computed for this pull. */
  | { readonly kind: "pull-done"; readonly pull: Pull; readonly isFound: boolean }
  | { readonly kind: "pull-failed"; readonly pull: Pull; readonly failure: VertexFailure; readonly detail: string }
  /**
   * Gather what is finished of a vertex, within a time. `root` is the node to ask for it; null for what this one has and
   * hears from those that it fetches from.
   */
  | {
      readonly kind: "preview";
      readonly asker: Puller;
      readonly manifest: Manifest;
      readonly vertex: Vertex;
      readonly root: NodeId | null;
      readonly withinMs: number;
    }
  | { readonly kind: "preview-gone"; readonly asker: Puller }
  /** What a peer has of a vertex, held under `key`; undefined for nothing. */
  | {
      readonly kind: "preview-answered";
      readonly pull: Pull;
      readonly key: VertexKey | undefined;
      readonly doneBytes: number;
    }
  | { readonly kind: "tick" };

export type ReductionEffect =
  | { readonly kind: "scan"; readonly key: VertexKey; readonly manifest: Manifest; readonly vertex: Vertex }
  | {
      readonly kind: "merge";
      readonly key: VertexKey;
      readonly manifest: Manifest;
      readonly children: readonly VertexKey[];
    }
  | { readonly kind: "cancel-task"; readonly key: VertexKey }
  | {
      readonly kind: "pull";
      readonly pull: Pull;
      readonly from: NodeId;
      readonly manifest: Manifest;
      readonly vertex: Vertex;
      readonly key: VertexKey;
    }
  | { readonly kind: "cancel-pull"; readonly pull: Pull }
  /** Ask a peer for what it has of a vertex now, to be held under a key of its own. */
  | {
      readonly kind: "preview-pull";
      readonly pull: Pull;
      readonly from: NodeId;
      readonly manifest: Manifest;
      readonly vertex: Vertex;
      readonly key: VertexKey;
      readonly previewMs: number;
    }
  /** Distinct values without a common byte, perhaps none: merge them now, for this asker alone. */
  | {
      readonly kind: "preview-ready";
      readonly asker: Puller;
      readonly manifest: Manifest;
      readonly keys: readonly VertexKey[];
      readonly doneBytes: number;
    }
  /** Keep a value that was computed here for later. */
  | { readonly kind: "keep"; readonly key: VertexKey }
  /** `isFound`: the value was there when it was asked for. */
  | {
      readonly kind: "serve";
      readonly puller: Puller;
      readonly key: VertexKey;
      readonly manifest: Manifest;
      readonly vertex: Vertex;
      readonly isFound: boolean;
    }
  | { readonly kind: "refuse"; readonly puller: Puller; readonly failure: VertexFailure; readonly detail: string }
  | { readonly kind: "progress"; readonly puller: Puller; readonly progress: VertexProgress }
  | { readonly kind: "root-progress"; readonly jobId: JobId; readonly doneBytes: number; readonly doneSpans: number }
  | { readonly kind: "root-ready"; readonly manifest: Manifest; readonly key: VertexKey }
  /** What there is of the root: distinct vertices without a common byte, none at all, or all of them. */
  | {
      readonly kind: "cover-ready";
      readonly manifest: Manifest;
      readonly keys: readonly VertexKey[];
      readonly doneBytes: number;
      readonly missing: readonly number[];
    }
  | {
      readonly kind: "root-failed";
      readonly manifest: Manifest;
      readonly failure: VertexFailure;
      readonly detail: string;
    }
  /** Nothing here needs the value any longer. */
  | { readonly kind: "forget"; readonly key: VertexKey };
