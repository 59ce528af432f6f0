import { describe, expect, it } from "vitest";
import { ClusterSimulation } from "./cluster-simulation.js";
import { MUTATIONS } from "./mutations.js";

const SEEDS = 200;
const BATCH = 50;
const MUTATION_SEEDS = 100;

const batches = Array.from({ length: SEEDS / BATCH }, (_, batch) => batch * BATCH + 1);
const counted = new Map<string, number>();

describe("A simulated cluster", () => {
  it.each(batches)("keeps every invariant, seeds %i and following", (first) => {
    for (let seed = first; seed < first + BATCH; seed += 1) {
      const run = new ClusterSimulation(seed).run();
      const replay = `npm run sim -- --seed ${seed} --trace; options ${JSON.stringify(run.options)}`;
      expect(run.failure, replay).toBeUndefined();
      for (const [kind, times] of Object.entries(run.faults)) counted.set(kind, (counted.get(kind) ?? 0) + times);
      counted.set("answers", (counted.get("answers") ?? 0) + run.results);
      counted.set("previews", (counted.get("previews") ?? 0) + run.previews);
      counted.set("incomplete answers", (counted.get("incomplete answers") ?? 0) + run.incomplete);
      counted.set("acknowledgements", (counted.get("acknowledgements") ?? 0) + run.acknowledged);
    }
  });

  it("met every kind of fault on the way, and checked answers", () => {
    expect([...counted.keys()].sort()).toEqual([
      "acknowledgements",
      "answers",
      "blackouts",
      "crashes",
      "diskLosses",
      "gone",
      "greyLinks",
      "incomplete answers",
      "partitions",
      "pauses",
      "previews",
    ]);
    for (const times of counted.values()) expect(times).toBeGreaterThan(20);
  });

  it.each([7, 77])("does the same again for the same seed, event by event: seed %i", (seed) => {
    const one = new ClusterSimulation(seed).run();
    const again = new ClusterSimulation(seed).run();
    expect(again).toEqual(one);
    expect(one.traceHash).not.toBe(new ClusterSimulation(seed + 1).run().traceHash);
  });
});

describe("The simulator finds what is known to be fatal", () => {
  it.each(Object.keys(MUTATIONS))("%s", (name) => {
    const mutation = MUTATIONS[name];
    if (mutation === undefined) throw new Error(`no mutation ${name}`);
    for (let seed = 1; seed <= MUTATION_SEEDS; seed += 1) {
      if (new ClusterSimulation(seed, mutation, mutation.options).run().failure === undefined) continue;
      expect(
        new ClusterSimulation(seed, {}, mutation.options).run().failure,
        "sound without the mutation",
      ).toBeUndefined();
      return;
    }
    expect.fail(`no seed of ${MUTATION_SEEDS} noticed`);
  });
});
