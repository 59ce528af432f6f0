import { describe, expect, it } from "vitest";
import { nodeId } from "../../../src/base/ids.js";
import { LEAF_BYTES } from "../../../src/job/tree.js";
import { manifestOf, viewOf } from "./cluster-cores.js";
import { coreOf, of, progressOf } from "./reduction-node.js";

const VIEW = viewOf("z", "a b c z");

/** A root above vertices that other nodes merge, as far as `share` of their bytes; the first of these nodes says that it lags. */
function mergedBy(share: number, lagging: (id: string, slow: string) => boolean) {
  const node = coreOf(VIEW, { scanSlots: 0, isParted: true });
  const pulls = of(node.work(manifestOf([64])), "pull");
  const [slow] = pulls;
  if (slow === undefined) throw new Error("other nodes merge");
  for (const { pull } of pulls) {
    node.step(progressOf(pull, { doneBytes: share * 16 * LEAF_BYTES, activity: 1 }));
  }
  const members = VIEW.members.map((member) => {
    return lagging(member.id, slow.from) ? { ...member, demoted: true } : member;
  });
  const asked = of(node.step({ kind: "view", view: { ...VIEW, members } }), "pull");
  return { slow, asked, pulls };
}

const isIt = (id: string, slow: string): boolean => id === slow;

describe("A vertex of which all children are there", () => {
  it("is asked of another node at once when the one that merges it lags", () => {
    const { slow, asked, pulls } = mergedBy(1, isIt);
    const ofSlow = pulls.filter(({ from }) => from === slow.from);
    expect(asked.map(({ vertex }) => vertex)).toEqual(
      expect.arrayContaining(ofSlow.slice(0, 1).map(({ vertex }) => vertex)),
    );
    expect(asked.every(({ from }) => from !== slow.from && from !== nodeId("z"))).toBe(true);
  });

  it("is left to it where all others lag too", () => {
    expect(mergedBy(1, () => true).asked).toEqual([]);
  });
});

describe("A vertex of which children are still scanned", () => {
  it("is left to the node that gathers them", () => {
    expect(mergedBy(0.9, isIt).asked).toEqual([]);
  });
});
