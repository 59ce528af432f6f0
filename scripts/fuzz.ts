/**
 * Fuzzes what reads the input of strangers: `npm run fuzz -- --executions N --seed S [--target NAME [--round K]]`. Prints
 * the seed, the executions of each target and their rate; a failure prints what replays it, and exit code 1.
 */

import { parseArgs } from "node:util";
import { type FuzzFailure, fuzz, runRound, TARGETS } from "../test/fuzz/fuzz.js";

const { values } = parseArgs({
  options: {
    executions: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    target: { type: "string" },
    round: { type: "string" },
  },
});

const seed = Number(values.seed);
const targets = values.target === undefined ? TARGETS : TARGETS.filter(({ name }) => name === values.target);
if (targets.length === 0) {
  throw new Error(`no target ${values.target}; there are: ${TARGETS.map(({ name }) => name).join(", ")}`);
}

function report({ target, round, error }: FuzzFailure): void {
  console.log(`${target} failed in round ${round}: ${error instanceof Error ? error.message : String(error)}`);
  console.log(`  again with: npm run fuzz -- --seed ${seed} --target ${target} --round ${round}`);
}

const [only] = targets;
if (values.round !== undefined && only !== undefined) {
  await runRound(only, seed, Number(values.round));
  console.log(`${only.name}: round ${values.round} of seed ${seed} passes`);
} else {
  const startMs = performance.now();
  const { executions, failures } = await fuzz(seed, Number(values.executions), targets);
  failures.forEach(report);
  const total = [...executions.values()].reduce((sum, count) => sum + count, 0);
  const seconds = (performance.now() - startMs) / 1000;
  for (const [name, count] of executions) console.log(`${name}: ${count}`);
  console.log(
    `seed ${seed}: ${total} executions, ${failures.length} failures, ${seconds.toFixed(1)} s, ${Math.round(total / seconds)} a second`,
  );
  process.exitCode = failures.length > 0 ? 1 : 0;
}
