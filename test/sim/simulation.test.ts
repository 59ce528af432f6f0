import { describe, expect, it } from "vitest";
import { ClusterSimulation } from "./cluster-simulation.js";
import { Tally } from "./tally.js";

const SEEDS = 300;
const BATCH = 50;

const batches = Array.from({ length: SEEDS / BATCH }, (_, batch) => batch * BATCH + 1);
const tally = new Tally();

describe("A simulated cluster", () => {
  it.each(batches)("keeps every invariant, seeds %i and following", (first) => {
    for (let seed = first; seed < first + BATCH; seed += 1) {
      const run = new ClusterSimulation(seed).run();
      const replay = `npm run sim -- --seed ${seed} --trace; trace ${run.traceHash}, ${JSON.stringify(run.options)}`;
      expect(run.failure, replay).toBeUndefined();
      tally.addAll(run.tally);
    }
  });

  it("met every kind of fault and every failpoint on the way, and checked answers", () => {
    expect(tally.missed()).toEqual([]);
  });

  it.each([7, 77, 177])("does the same again for the same seed, event by event: seed %i", (seed) => {
    const one = new ClusterSimulation(seed).run();
    const again = new ClusterSimulation(seed).run();
    expect(again).toEqual(one);
    expect(one.traceHash).not.toBe(new ClusterSimulation(seed + 1).run().traceHash);
  });

  it("is not shifted by a fault that is left out: what happens before it stays as it was", () => {
    const lines = (without: readonly string[]): readonly string[] => {
      const said: string[] = [];
      new ClusterSimulation(21, {}, { crashes: 3, without }, (line) => said.push(line)).run();
      return said;
    };
    const whole = lines([]);
    const less = lines(["crashes#2"]);
    const at = whole.findIndex((line, index) => line !== less[index]);
    expect(at).toBeGreaterThan(100);
    expect(whole[at]).toMatch(/ crash n\d$/);
  });
});
