import { describe, expect, it } from "vitest";
import { nodeId } from "../../../src/base/ids.js";
import { protocolWith } from "../../../src/cluster/protocol.js";
import { ReductionCore } from "../../../src/cluster/reduction/reduction-core.js";
import type { ReductionEffect } from "../../../src/cluster/reduction/reduction-events.js";
import { LEAF_BYTES, vertexName } from "../../../src/job/tree.js";
import { manifestOf, viewOf } from "./cluster-cores.js";
import { of } from "./reduction-node.js";

const NODES = "a b c d";

/**
 * A root over sixteen spans, all of which wait where they were asked for: each node says how much waits there and gets on with
 * its own pace, in spans a second. After three seconds the core is told, and acts.
 */
function queues(paces: Readonly<Record<string, number>>, queued: Readonly<Record<string, number>>) {
  const core = new ReductionCore(
    { ...viewOf("a", NODES), self: nodeId("z") },
    {
      protocol: protocolWith(),
      scanSlots: 0,
      failFast: false,
      hasValue: () => false,
      sizeOf: () => undefined,
      finishOf: () => undefined,
      firstRowsOf: () => undefined,
    },
  );
  const manifest = manifestOf([16]);
  const asked = [...of(core.step(0, { kind: "work", manifest, root: true, isNew: false }), "pull")];
  const effects: ReductionEffect[] = [];
  for (let nowMs = 0; nowMs <= 3000; nowMs += 500) {
    for (const { pull, from } of asked) {
      const pace = paces[from] ?? 1;
      const progress = {
        doneBytes: 0,
        queuedBytes: (queued[from] ?? 20) * LEAF_BYTES,
        isWaiting: true,
        activity: 1 + (pace * LEAF_BYTES * nowMs) / 1000,
      };
      core.step(nowMs, { kind: "pull-progress", pull, progress });
    }
    effects.push(...core.step(nowMs, { kind: "tick" }));
  }
  return { asked, moved: of(effects, "pull"), withdrawn: of(effects, "cancel-pull") };
}

type Asked = ReturnType<typeof queues>["asked"];
const spansOfNode = (asked: Asked, node: string): readonly string[] =>
  asked.flatMap(({ from, vertex }) => (from === node ? [vertexName(vertex)] : []));

describe("A queue that takes far longer than the others", () => {
  it("keeps about the share that takes the usual time; the others leave it for queues that are not too long", () => {
    const { asked, moved, withdrawn } = queues({ a: 0.1 }, {});
    const before = spansOfNode(asked, "a");
    expect(moved.length).toBeGreaterThanOrEqual(0.5 * before.length);
    expect(moved.every(({ from }) => from !== "a")).toBe(true);
    expect(before).toEqual(expect.arrayContaining(moved.map(({ vertex }) => vertexName(vertex))));
    const pulls = asked.filter(({ vertex }) => moved.some((other) => vertexName(other.vertex) === vertexName(vertex)));
    expect(withdrawn.map(({ pull }) => pull).sort()).toEqual(pulls.map(({ pull }) => pull).sort());
  });

  it("loses nothing at half the pace of the others", () => {
    expect(queues({ a: 0.5 }, {}).moved).toEqual([]);
  });

  it("loses nothing when it is longer by a moment only", () => {
    expect(queues({ a: 10, b: 100, c: 100, d: 100 }, {}).moved).toEqual([]);
  });

  it("is one of a node that is as fast as the others, and has far more to do", () => {
    const { moved, asked } = queues({}, { a: 200, b: 10, c: 10, d: 10 });
    expect(moved.length).toBeGreaterThan(0);
    expect(spansOfNode(asked, "a")).toEqual(expect.arrayContaining(moved.map(({ vertex }) => vertexName(vertex))));
  });
});
