/** A short run of the fuzzer; `npm run fuzz -- --executions 1000000 --seed N` is the long one. */

import { describe, expect, test } from "vitest";
import { fuzz, runRound, TARGETS } from "./fuzz.js";

const SEED = 20_261_122;
const EXECUTIONS = 4000;

describe(`what reads the input of strangers, fuzzed from seed ${SEED},`, () => {
  test.each(TARGETS.map((target) => [target.name, target] as const))(
    "%s neither crashes nor differs from its twin",
    async (name, target) => {
      const share = (EXECUTIONS * target.weight) / TARGETS.reduce((sum, { weight }) => sum + weight, 0);
      const { executions, failures } = await fuzz(SEED, share, [target]);
      const replay = failures.map(({ round, error }) => `--seed ${SEED} --target ${name} --round ${round}: ${error}`);
      expect(replay).toEqual([]);
      expect(executions.get(name)).toBeGreaterThan(0);
    },
  );

  test("a round is the same whenever it runs", async () => {
    const inputs: number[][] = [];
    const target = {
      name: "recorded",
      weight: 1,
      run: (random: { next(): number }): number => inputs.push([random.next(), random.next()]),
    };
    await runRound(target, SEED, 7);
    await runRound(target, SEED, 8);
    await runRound(target, SEED, 7);
    expect(inputs[0]).toEqual(inputs[2]);
    expect(inputs[0]).not.toEqual(inputs[1]);
  });

  test("a failure names the round that replays it, and ends the target", async () => {
    let rounds = 0;
    const target = {
      name: "failing",
      weight: 1,
      run: (): number => {
        rounds += 1;
        if (rounds === 3) throw new Error("found");
        return 1;
      },
    };
    const { failures, executions } = await fuzz(SEED, 10, [target]);
    expect(failures).toMatchObject([{ target: "failing", round: 2 }]);
    expect(executions.get("failing")).toBe(2);
  });
});
