/**
 * The simulator: `npm run sim -- --seeds N [--seed S] [--set JSON] [--mutation NAME] [--trace] [--shrink]`. Failures print
 * what replays them; exit code 1 if there are any, or if a long run missed a kind of fault.
 */

import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { ClusterSimulation, type SimReport } from "../test/sim/cluster-simulation.js";
import type { NamedMutation } from "../test/sim/mutation.js";
import { MUTATIONS } from "../test/sim/mutations.js";
import { shrink } from "../test/sim/shrink.js";
import type { SimOptions } from "../test/sim/sim-options.js";
import { Tally } from "../test/sim/tally.js";

/** From so many seeds on, every kind of fault has to have happened. */
const COVERING_SEEDS = 500;
/** One seed in so many runs twice: the same seed has to give the same trace. */
const REPEAT_EVERY = 100;
const TELL_EVERY = 5000;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1" },
    seed: { type: "string", default: "1" },
    set: { type: "string", default: "{}" },
    mutation: { type: "string" },
    trace: { type: "boolean", default: false },
    shrink: { type: "boolean", default: false },
  },
});

const startMs = performance.now();
const first = Number(values.seed);
const count = Number(values.seeds);
const mutation = mutationNamed(values.mutation);
const set = JSON.parse(values.set) as Partial<SimOptions>;
const changes = { ...mutation?.options, ...set };
const trace = values.trace ? (line: string): void => console.log(line) : undefined;
const tally = new Tally();
const finishMs: number[] = [];
let failures = 0;
let scannedLeaves = 0;
let distinctLeaves = 0;

function mutationNamed(name: string | undefined): NamedMutation | undefined {
  const found = name === undefined ? undefined : MUTATIONS[name];
  if (name === undefined || found !== undefined) return found;
  throw new Error(`no mutation ${name}; there are: ${Object.keys(MUTATIONS).join(", ")}`);
}

function replayOf(seed: number, options: Partial<SimOptions>): string {
  const flags = values.mutation === undefined ? "" : ` --mutation '${values.mutation}'`;
  return `npm run sim -- --seed ${seed}${flags} --set '${JSON.stringify(options)}' --trace`;
}

function currentCommit(): string {
  try {
    const told: ExecFileSyncOptionsWithStringEncoding = { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] };
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], told).trim();
  } catch {
    return "unknown";
  }
}

const commit = currentCommit();

function report(run: SimReport): void {
  tally.addAll(run.tally);
  finishMs.push(...run.finishMs);
  scannedLeaves += run.scannedLeaves;
  distinctLeaves += run.distinctLeaves;
  if (run.failure === undefined) return;
  failures += 1;
  console.log(`seed ${run.seed} failed at commit ${commit}: ${run.failure}`);
  console.log(
    `  options ${JSON.stringify(run.options)}\n  trace ${run.traceHash}; again with: ${replayOf(run.seed, set)}`,
  );
  if (!values.shrink) return;
  const { options, runs } = shrink(run.seed, run.options, mutation ?? {});
  console.log(`  the same with less, found in ${runs} runs: ${replayOf(run.seed, options)}`);
}

for (let seed = first; seed < first + count; seed += 1) {
  const run = new ClusterSimulation(seed, mutation, changes, trace).run();
  report(run);
  if ((seed - first + 1) % TELL_EVERY === 0) console.error(`${seed - first + 1} seeds, ${failures} failures`);
  if (seed % REPEAT_EVERY !== 0) continue;
  const again = new ClusterSimulation(seed, mutation, changes).run();
  if (again.traceHash === run.traceHash) continue;
  failures += 1;
  console.log(`seed ${seed} is not deterministic: traces ${run.traceHash} and ${again.traceHash}`);
}

const percentile = (share: number): string =>
  ((finishMs.sort((left, right) => left - right)[Math.ceil(finishMs.length * share) - 1] ?? 0) / 1000).toFixed(1);
const seconds = (performance.now() - startMs) / 1000;
console.log(`${count} seeds at commit ${commit}, ${failures} failures, ${seconds.toFixed(1)} s`);
console.log(
  `from the last fault to the answer: p50 ${percentile(0.5)} s, p99 ${percentile(0.99)} s, longest ${percentile(1)} s`,
);
console.log(
  `work: ${(scannedLeaves / Math.max(1, distinctLeaves)).toFixed(3)} times what one scan of everything takes`,
);
console.log(tally.toString());
const missed = tally.missed();
const lacks = count >= COVERING_SEEDS && values.mutation === undefined && values.set === "{}" && missed.length > 0;
if (lacks) console.log(`never met: ${missed.join(", ")}`);
process.exitCode = failures > 0 || lacks ? 1 : 0;
