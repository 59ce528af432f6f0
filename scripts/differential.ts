/**
 * Holds generated queries against DuckDB's answers: `npm run differential -- --queries N --seed S [--only K --keep FILE]`.
 * DuckDB is installed on demand, outside the product's dependencies; with `--optional` nothing is compared where it cannot
 * be. A difference prints what replays it; exit code 1 if there is any.
 */

import { copyFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Differential } from "../test/differential/differential.js";
import { DuckDb, installDuckDb } from "../test/differential/duckdb.js";

const { values } = parseArgs({
  options: {
    queries: { type: "string", default: "300" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    keep: { type: "string" },
    optional: { type: "boolean", default: false },
  },
});

const startMs = performance.now();
const seed = Number(values.seed);
const numbers =
  values.only === undefined
    ? Array.from({ length: Number(values.queries) }, (_, number) => number)
    : [Number(values.only)];
try {
  installDuckDb();
} catch (error) {
  if (!values.optional) throw error;
  console.log(`skipped: ${String(error)}`);
  process.exit(0);
}
const judge = await DuckDb.open();
const differential = new Differential(seed, judge);
let differences = 0;
for (const number of numbers) {
  const difference = await differential.run(number);
  if (values.only !== undefined && values.keep !== undefined) copyFileSync(differential.logPath, values.keep);
  if (difference === undefined) continue;
  differences += 1;
  console.log(`query ${number} over ${difference.format} differs: ${difference.problem}`);
  console.log(`  logmr:  ${difference.query.ours}\n  DuckDB: ${difference.query.theirs}`);
  console.log(`  again with: npm run differential -- --seed ${seed} --only ${number} --keep generated.log`);
}
differential.close();
judge.close();
if (differential.skipped > 0) console.log(`${differential.skipped} more were not answered by DuckDB`);
const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
const { rows, empty } = differential.compared;
console.log(
  `seed ${seed}: ${numbers.length - differential.skipped} queries with ${rows} rows compared, ${empty} without any, ` +
    `${differences} differences, ${seconds} s`,
);
process.exitCode = differences > 0 ? 1 : 0;
