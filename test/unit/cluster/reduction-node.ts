/** A reduction core on one node, driven step by step. */

import { digestOf } from "../../../src/base/digest.js";
import type { VertexKey } from "../../../src/base/ids.js";
import type { View } from "../../../src/cluster/member.js";
import { protocolWith } from "../../../src/cluster/protocol.js";
import { ReductionCore } from "../../../src/cluster/reduction/reduction-core.js";
import type {
  Pull,
  ReductionEffect,
  ReductionInput,
  VertexProgress,
} from "../../../src/cluster/reduction/reduction-events.js";
import type { PartialSize } from "../../../src/job/hash-part.js";
import type { Manifest } from "../../../src/job/manifest.js";
import { parseVertexName, type Vertex } from "../../../src/job/tree.js";
import { VertexKeys } from "../../../src/job/vertex-key.js";

const PROTOCOL = protocolWith();

export type Effect<Kind extends ReductionEffect["kind"]> = Extract<ReductionEffect, { kind: Kind }>;

export function of<Kind extends ReductionEffect["kind"]>(
  effects: readonly ReductionEffect[],
  kind: Kind,
): readonly Effect<Kind>[] {
  return effects.filter((effect): effect is Effect<Kind> => effect.kind === kind);
}

export const FINISH = digestOf("finish");

/** With `isParted`, values may be merged in parts; their sizes are those in `sizes`. */
export function coreOf(
  view: View,
  { scanSlots = 100, failFast = false, isParted = false, firstRows = undefined as number | undefined } = {},
) {
  const values = new Set<VertexKey>();
  const sizes = new Map<VertexKey, PartialSize>();
  const core = new ReductionCore(view, {
    protocol: PROTOCOL,
    scanSlots,
    failFast,
    hasValue: (key) => values.has(key),
    sizeOf: (key) => sizes.get(key),
    firstRowsOf: () => firstRows,
    finishOf: () => (isParted ? FINISH : undefined),
  });
  let nowMs = 0;
  const step = (input: ReductionInput): readonly ReductionEffect[] => core.step(nowMs, input);
  return {
    core,
    values,
    sizes,
    step,
    at: (ms: number): readonly ReductionEffect[] => {
      nowMs = ms;
      return step({ kind: "tick" });
    },
    work: (manifest: Manifest, root = true): readonly ReductionEffect[] =>
      step({ kind: "work", manifest, root, isNew: true }),
    done: (key: VertexKey): readonly ReductionEffect[] => step({ kind: "task-done", key }),
    pulled: (manifest: Manifest, name: string, puller: number): readonly ReductionEffect[] => {
      return step({ kind: "pulled", puller, manifest, vertex: vertexNamed(name) });
    },
  };
}

export const progressOf = (pull: Pull, changes: Partial<VertexProgress>): ReductionInput => {
  const progress = { doneBytes: 0, queuedBytes: 0, isWaiting: false, activity: 0, ...changes };
  return { kind: "pull-progress", pull, progress };
};

export function vertexNamed(name: string): Vertex {
  const vertex = parseVertexName(name);
  if (vertex === undefined) throw new Error(`no vertex ${name}`);
  return vertex;
}

export const keyOf = (manifest: Manifest, name: string): VertexKey => {
  return new VertexKeys(manifest).keyOf(vertexNamed(name));
};
