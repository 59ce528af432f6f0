/** What goes into the reduction core and what comes out of it. The core knows keys; the driver holds the values. */

import type { JobId, NodeId, VertexKey } from "../../base/ids.js";
import type { FinishedVertex, HashPart } from "../../job/hash-part.js";
import type { Manifest } from "../../job/manifest.js";
import type { Vertex } from "../../job/tree.js";
import type { View } from "../member.js";
import type { VertexWant } from "./vertex-want.js";

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

/** What a peer can ask for, as it comes over the network. */
export type PulledWant =
  | Extract<VertexWant, { kind: "value" | "slice" }>
  | Omit<Extract<VertexWant, { kind: "part" }>, "finish">;

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
  /** `want`: the whole value where it is absent. Of a part, who merges it knows by itself what decides the answer. */
  | {
      readonly kind: "pulled";
      readonly puller: Puller;
      readonly manifest: Manifest;
      readonly vertex: Vertex;
      readonly want?: PulledWant;
    }
  /** The value that was to be served had been lost from the store: it is computed anew. */
  | {
      readonly kind: "value-lost";
      readonly puller: Puller;
      readonly manifest: Manifest;
      readonly vertex: Vertex;
      readonly want: VertexWant;
    }
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
  /** The value is too large to be sent whole; this is what it is made of. */
  | {
      readonly kind: "pull-placed";
      readonly pull: Pull;
      readonly finished: readonly FinishedVertex[];
      readonly isFound: boolean;
    }
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
      /** They are slices: of what they merge to, only what can be in the answer is kept. */
      readonly isPart: boolean;
    }
  /** Cut a slice from a value at hand, to be held under `key`. */
  | { readonly kind: "slice"; readonly key: VertexKey; readonly of: VertexKey; readonly part: HashPart }
  | { readonly kind: "cancel-task"; readonly key: VertexKey }
  | {
      readonly kind: "pull";
      readonly pull: Pull;
      readonly from: NodeId;
      readonly manifest: Manifest;
      readonly vertex: Vertex;
      readonly want: VertexWant;
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
  /** Have a value in memory, where slices will be cut from it. */
  | { readonly kind: "lend"; readonly key: VertexKey }
  /** Keep a value that was computed here for later. */
  | { readonly kind: "keep"; readonly key: VertexKey }
  /** `isFound`: the value was there when it was asked for. */
  | {
      readonly kind: "serve";
      readonly puller: Puller;
      readonly key: VertexKey;
      readonly manifest: Manifest;
      readonly vertex: Vertex;
      /** The value, or a slice of it. */
      readonly want: VertexWant;
      readonly isFound: boolean;
    }
  /** Tell a puller where what it asked for lies. */
  | {
      readonly kind: "serve-places";
      readonly puller: Puller;
      readonly finished: readonly FinishedVertex[];
      readonly isFound: boolean;
    }
  | { readonly kind: "refuse"; readonly puller: Puller; readonly failure: VertexFailure; readonly detail: string }
  | { readonly kind: "progress"; readonly puller: Puller; readonly progress: VertexProgress }
  | { readonly kind: "root-progress"; readonly jobId: JobId; readonly doneBytes: number; readonly doneSpans: number }
  | { readonly kind: "root-ready"; readonly manifest: Manifest; readonly key: VertexKey }
  /** All parts of the root are here: merged, to be held under `key`, they have every group that can be in the answer. */
  | {
      readonly kind: "parts-ready";
      readonly manifest: Manifest;
      readonly key: VertexKey;
      readonly parts: readonly VertexKey[];
    }
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
