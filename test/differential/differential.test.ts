/** Generated queries against DuckDB, where it is installed: `npm run differential` installs it, and so does `.ci/run`. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { differenceOf } from "./compare-tables.js";
import { Differential } from "./differential.js";
import { DuckDb, installedDuckDb } from "./duckdb.js";

const SEED = 20_261_122;
const QUERIES = 300;
const MISSING =
  installedDuckDb() === undefined ? " (skipped: DuckDB is not installed; npm run differential does it)" : "";

describe.skipIf(MISSING !== "")(`generated queries over generated logs${MISSING}`, () => {
  let judge: DuckDb;
  let differential: Differential;

  beforeAll(async () => {
    judge = await DuckDb.open();
    differential = new Differential(SEED, judge);
  });

  afterAll(() => {
    differential.close();
    judge.close();
  });

  it(`have DuckDB's answers, ${QUERIES} of them (seed ${SEED})`, async () => {
    for (let number = 0; number < QUERIES; number += 1) {
      const difference = await differential.run(number);
      const replay = `npm run differential -- --seed ${SEED} --only ${number} --keep generated.log`;
      expect(difference, `${JSON.stringify(difference, null, 2)}\nagain with: ${replay}`).toBeUndefined();
    }
    expect(differential.skipped).toBeLessThan(QUERIES / 50);
    // Empty answers are easily equal.
    expect(differential.compared.rows).toBeGreaterThan(QUERIES * 5);
    expect(differential.compared.empty).toBeLessThan(QUERIES / 3);
  });

  it("differ where the two were not given the same rows", async () => {
    await differential.run(0);
    await judge.query("DELETE FROM logs WHERE rownum % 2 = 0");
    let differences = 0;
    for (let number = 0; number < 20; number += 1) {
      if ((await differential.run(number)) !== undefined) differences += 1;
    }
    expect(differences).toBeGreaterThan(8);
  });
});

describe("two tables", () => {
  it.each([
    ["another number of rows", [[1n]], [], 0],
    ["another integer", [[2n ** 53n + 1n]], [[2n ** 53n]], 0],
    ["an integer that has been a double", [[2n ** 53n + 1n]], [[2 ** 53]], 0],
    ["another text", [["a"]], [["b"]], 0],
    ["NULL for nothing", [[null]], [[""]], 0],
    ["a rounded number where none is allowed", [[0.1 + 0.2]], [[0.3]], 0],
    ["a number beyond the tolerance", [[1.0001]], [[1]], 1e-9],
    ["an order", [[1n], [2n]], [[2n], [1n]], 0],
  ])("differ by %s", (_what, ours, theirs, tolerance) => {
    expect(differenceOf(ours, theirs, [tolerance])).toBeDefined();
  });

  it.each([
    ["3 and 3.0", [[3n]], [[3]], 0],
    ["NaN and NaN", [[Number.NaN]], [[Number.NaN]], 0],
    ["0 and -0", [[0]], [[-0]], 0],
    ["numbers within the tolerance", [[0.1 + 0.2]], [[0.3]], 1e-9],
  ])("are the same with %s", (_what, ours, theirs, tolerance) => {
    expect(differenceOf(ours, theirs, [tolerance])).toBeUndefined();
  });
});
