/** What a pull wants of a vertex, and where partials lie, on the wire and back. */

import { nodeId } from "../../../base/ids.js";
import type { PulledWant } from "../../../cluster/reduction/reduction-events.js";
import type {
  FinishedVertex as WireFinished,
  HashPart as WirePart,
  PullRequest as WireRequest,
} from "../../../generated/logmr/v1/exchange.js";
import { type FinishedVertex, type HashPart, isHashPart } from "../../../job/hash-part.js";
import { parseVertexName, vertexName } from "../../../job/tree.js";
import type { PullRequest } from "../../ports/exchange.js";

/** The task of a pull, as far as its want is not the whole value. */
export function taskToWire({ kind, vertex, want }: PullRequest): Pick<WireRequest, "task" | "inlineBytes"> {
  if (want?.kind === "slice") {
    const { part, basis } = want;
    return { task: { $case: "slice", value: { vertex, part, basis } }, inlineBytes: 0n };
  }
  if (want?.kind === "part") {
    const finished = want.finished.map(finishedToWire);
    return { task: { $case: "part", value: { vertex, part: want.part, finished } }, inlineBytes: 0n };
  }
  return { task: { $case: kind, value: { vertex } }, inlineBytes: BigInt(want?.inlineBytes ?? 0) };
}

/** Undefined for a task that makes no sense. */
export function taskFromWire({
  task,
  inlineBytes,
}: Pick<WireRequest, "task" | "inlineBytes">): Pick<PullRequest, "kind" | "vertex" | "want"> | undefined {
  if (task === undefined) return undefined;
  const { vertex } = task.value;
  if (task.$case === "map" || task.$case === "reduce") {
    const kind = task.$case;
    return inlineBytes > 0n
      ? { kind, vertex, want: { kind: "value", inlineBytes: Number(inlineBytes) } }
      : { kind, vertex };
  }
  const want = wantFromWire(task);
  return want && { kind: "reduce", vertex, want };
}

function wantFromWire(
  task: Extract<NonNullable<WireRequest["task"]>, { $case: "slice" | "part" }>,
): PulledWant | undefined {
  const part = partFromWire(task.value.part);
  if (part === undefined) return undefined;
  if (task.$case === "slice") return { kind: "slice", part, basis: task.value.basis };
  const finished = allFromWire(task.value.finished);
  return finished && { kind: "part", part, finished };
}

function partFromWire(part: WirePart | undefined): HashPart | undefined {
  return part !== undefined && isHashPart(part) ? { bits: part.bits, prefix: part.prefix } : undefined;
}

export const finishedToWire = ({ vertex, node, bytes, groups, basis }: FinishedVertex): WireFinished => ({
  vertex: vertexName(vertex),
  node,
  bytes: BigInt(bytes),
  groups: BigInt(groups),
  basis,
});

/** Undefined if one of them names no vertex. */
export function allFromWire(all: readonly WireFinished[]): readonly FinishedVertex[] | undefined {
  const finished: FinishedVertex[] = [];
  for (const { vertex: name, node, bytes, groups, basis } of all) {
    const vertex = parseVertexName(name);
    if (vertex === undefined) return undefined;
    finished.push({ vertex, node: nodeId(node), bytes: Number(bytes), groups: Number(groups), basis });
  }
  return finished;
}
