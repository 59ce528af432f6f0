import { describe, expect, it } from "vitest";
import { ClusterSimulation } from "./cluster-simulation.js";
import { MUTATIONS } from "./mutations.js";

describe("The simulator finds what is known to be fatal", () => {
  it.each(Object.keys(MUTATIONS))("%s", (name) => {
    const mutation = MUTATIONS[name];
    if (mutation === undefined) throw new Error(`no mutation ${name}`);
    for (let seed = 1; seed <= mutation.withinSeeds; seed += 1) {
      const { failure } = new ClusterSimulation(seed, mutation, mutation.options).run();
      if (failure === undefined) continue;
      expect(failure).toMatch(mutation.found);
      const sound = new ClusterSimulation(seed, {}, mutation.options).run();
      expect(sound.failure, "sound without the mutation").toBeUndefined();
      return;
    }
    expect.fail(`no seed of ${mutation.withinSeeds} noticed`);
  });
});
