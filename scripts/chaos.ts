/**
 * Attacks a cluster of real processes: seeded schedules of kills, freezes, cut and slow links, full and corrupted disks,
 * and logs that change, each of which has to leave every answer exact or correctly marked. Exit code 1 after the
 * first violation, with what replays it.
 *
 *     npm run chaos -- --schedules 100 --seed 1
 */

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { packageRoot } from "../src/base/package-root.js";
import { NODE_NAMES } from "./chaos/arena.js";
import { Campaign, summaryOf } from "./chaos/campaign.js";
import { ChaosError } from "./chaos/chaos-error.js";
import { cpuSeconds } from "./chaos/cpu-seconds.js";
import { enterNamespaces, insideDirectory, namespaceProblem, onOuterEnd } from "./chaos/enter-namespaces.js";
import { FAULT_KINDS } from "./chaos/faults.js";
import { CHAOS_SIZES, Inputs } from "./chaos/inputs.js";
import { openLoopback } from "./chaos/loopback-place.js";
import { openNamespaces } from "./chaos/namespace-place.js";
import type { Place } from "./chaos/place.js";

const HELP = `Usage: npm run chaos -- [options]

  --schedules N    schedules one after the other; number i has the seed S + i (default 1)
  --seed S         decides what is asked and what goes wrong (default 1)
  --lives N        schedules on one cluster before a fresh one is started (default 10)
  --only KINDS     kinds of fault, separated by commas: ${FAULT_KINDS.map(({ kind }) => kind).join(", ")}
  --loopback       all nodes on 127.0.0.1, without faults of links and disks
  --go-on          after a violation too, on a fresh cluster
  --keep           keep the work directory
`;

const CACHE = join(packageRoot(), ".cache/chaos");
/** A file in the work directory that says that it stays. */
const KEPT = "kept";

const EXIT_AFTER_SIGNAL = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
/** So many schedules have to have met every kind of fault. */
const COVERING_SCHEDULES = 50;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function parseOptions() {
  const { values } = parseArgs({
    options: {
      schedules: { type: "string", default: "1" },
      seed: { type: "string", default: "1" },
      lives: { type: "string", default: "10" },
      only: { type: "string" },
      loopback: { type: "boolean", default: false },
      "go-on": { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  const only = values.only?.split(",").map((kind) => kind.trim());
  const unknown = only?.find((kind) => !FAULT_KINDS.some((known) => known.kind === kind));
  if (unknown !== undefined) {
    throw new ChaosError(`--only ${unknown}: there are ${FAULT_KINDS.map(({ kind }) => kind).join(", ")}`);
  }
  return {
    schedules: wholeNumber("--schedules", values.schedules, 1),
    seed: wholeNumber("--seed", values.seed, 0),
    lives: wholeNumber("--lives", values.lives, 1),
    only,
    loopback: values.loopback,
    goesOn: values["go-on"],
    keep: values.keep,
  };
}

function wholeNumber(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new ChaosError(`${flag} ${text} is not a whole number from ${least}`);
}

type Options = ReturnType<typeof parseOptions>;

/** Kinds of fault that are wanted and that the place can do. */
const kindsOf = ({ only }: Options, { links }: Place): readonly string[] =>
  FAULT_KINDS.filter(({ needs }) => links !== undefined || needs.every((need) => need === "processes"))
    .map(({ kind }) => kind)
    .filter((kind) => only === undefined || only.includes(kind));

/** Whether every schedule held. What is to be kept of the directory is marked by {@link KEPT}. */
async function attack(options: Options, directory: string): Promise<boolean> {
  const { schedules, seed, lives, only, goesOn, loopback, keep } = options;
  const names = [...NODE_NAMES];
  const place =
    insideDirectory() === undefined
      ? await openLoopback(names.length + 1)
      : await openNamespaces(join(directory, "net"), names.length + 1);
  const inputs = await Inputs.create(CACHE, join(directory, "logs"), names, CHAOS_SIZES);
  const onlyFlag = only === undefined ? "" : ` --only "${only.join(",")}"`;
  const replayFlags = `${onlyFlag}${loopback ? " --loopback" : ""}`;
  const campaign = new Campaign(directory, place, inputs, {
    ...{ seed, schedules, lives, only, goesOn, say, replayFlags },
    nodes: names.length,
  });
  const kinds = kindsOf(options, place);
  const sumUp = async (): Promise<void> => {
    await campaign.close();
    say(`\n${summaryOf(campaign.reports, kinds, cpuSeconds())}`);
  };
  const endEarly = (code: number): void => void sumUp().finally(() => process.exit(code));
  for (const [signal, code] of Object.entries(EXIT_AFTER_SIGNAL)) process.once(signal, () => endEarly(code));
  if (insideDirectory() !== undefined) onOuterEnd(() => endEarly(EXIT_AFTER_SIGNAL.SIGINT));
  try {
    const holds = await campaign.run();
    if (keep || !holds) writeFileSync(join(directory, KEPT), "");
    await sumUp();
    const met = new Set(campaign.reports.flatMap(({ faults }) => faults));
    const missed = schedules < COVERING_SCHEDULES ? [] : kinds.filter((kind) => !met.has(kind));
    if (missed.length > 0) say(`never met: ${missed.join(", ")}`);
    return holds && missed.length === 0;
  } finally {
    await campaign.close();
  }
}

async function main(): Promise<number> {
  const options = parseOptions();
  const inside = insideDirectory();
  if (inside !== undefined) return (await attack(options, inside)) ? 0 : 1;
  mkdirSync(CACHE, { recursive: true });
  const directory = mkdtempSync(join(CACHE, "run-"));
  process.once("exit", () => {
    if (!existsSync(join(directory, KEPT))) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  });
  if (!options.loopback) {
    const problem = namespaceProblem();
    if (problem === undefined) return await enterNamespaces(directory);
    say(`All nodes on loopback, without faults of links and disks, for namespaces cannot be had here: ${problem}`);
  }
  return (await attack(options, directory)) ? 0 : 1;
}

try {
  process.exit(await main());
} catch (error) {
  const usage = error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  if (!(error instanceof ChaosError) && !usage) throw error;
  process.stderr.write(`chaos: ${error.message}\n${usage ? HELP : ""}`);
  process.exitCode = usage ? 2 : 1;
}
