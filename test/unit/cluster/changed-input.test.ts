import { describe, expect, it } from "vitest";
import { nodeId } from "../../../src/base/ids.js";
import { Placement } from "../../../src/cluster/placement/placement.js";
import type { Pull, ReductionEffect } from "../../../src/cluster/reduction/reduction-events.js";
import { vertexName } from "../../../src/job/tree.js";
import { manifestOf, viewOf } from "./cluster-cores.js";
import { coreOf, of, vertexNamed } from "./reduction-node.js";

const MEMBERS = "a b c";
const CHANGED = { failure: "input-changed", detail: "web:f0" } as const;

const manifest = manifestOf([20]);
/** The last one that is asked for the first vertex above the spans: others own it. */
const [, , self = nodeId("a")] = new Placement(manifest, viewOf("a", MEMBERS)).candidatesOf(vertexNamed("r0.1.0"));

/** A root, and what it does; `refuseSpans` says of spans here and elsewhere that the input changed, until none is asked for. */
function rootOf() {
  const node = coreOf({ ...viewOf("a", MEMBERS), self }, { scanSlots: 1000 });
  const all: ReductionEffect[] = [];
  const answered = new Set<unknown>();
  const take = (effects: readonly ReductionEffect[]): readonly ReductionEffect[] => {
    all.push(...effects);
    return effects;
  };
  const asked = (name: string) => of(all, "pull").filter(({ vertex }) => vertexName(vertex) === name);
  const changed = (pull: Pull) => take(node.step({ kind: "pull-failed", pull, ...CHANGED }));
  const refuseSpans = (isRefusing: (from: string) => boolean): void => {
    for (;;) {
      const pull = of(all, "pull").find(
        ({ pull: number, from, vertex }) =>
          vertexName(vertex).startsWith("r0.0.") && isRefusing(from) && !answered.has(number),
      );
      const scan = of(all, "scan").find(({ key }) => !answered.has(key));
      if (pull === undefined && scan === undefined) return;
      answered.add(pull?.pull ?? scan?.key);
      if (pull !== undefined) changed(pull.pull);
      else if (scan !== undefined) take(node.step({ kind: "task-failed", key: scan.key, ...CHANGED }));
    }
  };
  take(node.step({ kind: "work", manifest, root: true, isNew: false }));
  return { node, all, take, asked, changed, refuseSpans };
}

describe("A root of which a vertex above the spans is said to have changed", () => {
  it("looks for itself at once, and fails without waiting for one that never says so", () => {
    const { node, all, take, asked, changed, refuseSpans } = rootOf();
    const [silent] = asked("r0.1.0");
    take(node.at(1500));
    const [, second] = asked("r0.1.0");
    if (silent === undefined || second === undefined) throw new Error("two were asked");
    expect(asked("r0.0.0")).toEqual([]);
    changed(second.pull);
    expect(asked("r0.0.0").length + of(all, "scan").length).toBeGreaterThan(0);
    expect(of(all, "root-failed")).toEqual([]);
    refuseSpans(() => true);
    expect(of(all, "root-failed")).toEqual([expect.objectContaining(CHANGED)]);
    expect(asked("r0.1.0")).toHaveLength(2);
  });

  it("does not fail while a holder of its spans has not said so", () => {
    const { node, all, take, asked, changed, refuseSpans } = rootOf();
    const [first] = asked("r0.1.0");
    if (first === undefined) throw new Error("the owner was asked");
    changed(first.pull);
    refuseSpans((from) => from !== first.from);
    expect(of(all, "root-failed")).toEqual([]);
    take(node.at(1000));
    expect(of(all, "root-failed")).toEqual([]);
    refuseSpans(() => true);
    expect(of(all, "root-failed")).toEqual([expect.objectContaining(CHANGED)]);
  });
});
