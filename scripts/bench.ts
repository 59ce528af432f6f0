/**
 * Measures `logmr query` as a user runs it, process start included, beside DuckDB, ClickHouse, mawk, ripgrep and `wc -l` in
 * the same rounds. Answers are compared before anything is timed. What a second thread is worth is measured on the scan
 * alone. `--profile` adds where the time goes.
 *
 *     npm run bench -- --size 256MiB --runs 3 --profile
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatByteSize } from "../src/base/byte-size.js";
import { packageRoot } from "../src/base/package-root.js";
import { differenceOf } from "./bench/compare-answers.js";
import {
  type Contender,
  engineContender,
  isPresent,
  lineCounter,
  logmrContender,
  mawkContender,
  ripgrepContender,
} from "./bench/contenders.js";
import { Inputs, SAMPLE_LINES } from "./bench/inputs.js";
import { BenchError, median, runInterleaved, runOnce } from "./bench/measure.js";
import { type Engine, installEngines, installRipgrep } from "./bench/peers.js";
import { byPhase, profileOf } from "./bench/profile.js";
import { QUESTIONS, type Question } from "./bench/questions.js";
import { measureScaling, type Scaling, scalingTable } from "./bench/scaling.js";
import { sizeOption } from "./bench/size-option.js";
import { textTable } from "./bench/text-table.js";

const HELP = `Usage: npm run bench -- [options]

  --size SIZE   bytes of generated combined log (default 1GiB), kept in .cache/bench between runs; JSON lines 0.56 of it,
                and a log of a quarter of it as gzip data
  --runs N      rounds; the median is shown (default 5)
  --threads N   threads of logmr, DuckDB and ClickHouse (default 2)
  --only ID     one question: ${QUESTIONS.map(({ id }) => id).join(", ")}
  --no-engines  leave out DuckDB, ClickHouse and ripgrep, which are installed into .cache otherwise
  --profile     also show where the time of each question goes
  --json        print one JSON object instead of tables
`;

interface Options {
  readonly sizeBytes: number;
  readonly runs: number;
  readonly threads: number;
  readonly questions: readonly Question[];
  readonly engines: boolean;
  readonly profile: boolean;
  readonly json: boolean;
}

interface Measurement {
  readonly question: string;
  readonly sql: string;
  /** Of every round, by contender. */
  readonly seconds: Readonly<Record<string, readonly number[]>>;
  readonly medians: Readonly<Record<string, number>>;
}

function parseOptions(): Options {
  const { values } = parseArgs({
    options: {
      size: { type: "string", default: "1GiB" },
      runs: { type: "string", default: "5" },
      threads: { type: "string", default: "2" },
      only: { type: "string" },
      "no-engines": { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  const sizeBytes = sizeOption(values.size);
  return {
    sizeBytes,
    runs: positive("--runs", values.runs),
    threads: positive("--threads", values.threads),
    questions: questionsNamed(values.only),
    engines: !values["no-engines"],
    profile: values.profile,
    json: values.json,
  };
}

function questionsNamed(id: string | undefined): readonly Question[] {
  const questions = QUESTIONS.filter((question) => id === undefined || question.id === id);
  if (questions.length > 0) return questions;
  throw new BenchError(`--only ${id} is no question; there are ${QUESTIONS.map((question) => question.id).join(", ")}`);
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new BenchError(`${flag} ${text} is not a whole number above 0`);
  return value;
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** What was installed for the comparison. */
interface Peers {
  readonly engines: ReadonlyMap<Engine, string>;
  readonly ripgrep: string | undefined;
}

function contendersFor(
  question: Question,
  file: string,
  threads: number,
  { engines, ripgrep }: Peers,
): readonly Contender[] {
  const engineContenders = [...engines].map(([engine, runner]) =>
    engineContender(engine, runner, question, file, threads),
  );
  const searcher = ripgrepContender(ripgrep, question, file) ?? [];
  const tools = [mawkContender(question, file) ?? [], searcher, lineCounter(question, file)]
    .flat()
    .filter(({ name, command }) => {
      const present = isPresent(command);
      if (!present) say(`skipped: ${name} is not installed here`);
      return present;
    });
  return [logmrContender(question, file, threads), ...engineContenders, ...tools];
}

/** The first run also warms the page cache. Throws a {@link BenchError} if two answers to one question differ. */
function compareAnswers(question: Question, contenders: readonly Contender[]): void {
  const [first, ...others] = contenders.filter(({ name }) => name !== "wc -l");
  if (first === undefined) return;
  const expected = { name: first.name, answer: runOnce(first).answer };
  for (const other of others) {
    const found = { name: other.name, answer: runOnce(other).answer };
    const difference = differenceOf(expected, found, question.tolerance ?? 0);
    if (difference !== undefined) {
      throw new BenchError(`"${question.title}": the answers differ. Only ${difference}`);
    }
  }
}

function measure(question: Question, file: string, { runs, threads }: Options, peers: Peers): Measurement {
  const contenders = contendersFor(question, file, threads, peers);
  compareAnswers(question, contenders);
  const seconds = Object.fromEntries(runInterleaved(contenders, runs));
  const medians = Object.fromEntries(Object.entries(seconds).map(([name, times]) => [name, median(times)]));
  return { question: question.title, sql: question.sql, seconds, medians };
}

function measurementTable(measurements: readonly Measurement[]): string {
  const names = [...new Set(measurements.flatMap(({ medians }) => Object.keys(medians)))];
  const peers = names.filter((name) => name !== "logmr");
  const rows = measurements.map(({ question, medians }) => {
    const times = names.map((name) => (medians[name] === undefined ? "" : `${(medians[name] * 1000).toFixed(0)} ms`));
    const ratios = peers.map((peer) => ratioText(medians[peer], medians.logmr));
    return [question, ...times, ...ratios];
  });
  return textTable(["question", ...names, ...peers.map((peer) => `${peer} : logmr`)], rows);
}

const ratioText = (peer = Number.NaN, logmr = Number.NaN): string =>
  Number.isNaN(peer / logmr) ? "" : `${(peer / logmr).toFixed(2)} ×`;

/** How many times longer the faster of the engines takes, as the geometric mean over the questions, and the least. */
function engineSummary(measurements: readonly Measurement[]): string | undefined {
  const ratios = measurements.flatMap(({ medians: { logmr, duckdb, chdb } }) =>
    logmr === undefined || duckdb === undefined || chdb === undefined ? [] : [Math.min(duckdb, chdb) / logmr],
  );
  if (ratios.length === 0) return undefined;
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  return `the faster engine : logmr, geometric mean ${mean.toFixed(2)} ×, least ${Math.min(...ratios).toFixed(2)} ×`;
}

const TOP_FUNCTIONS = 14;

/** Fixed costs, measured by themselves, then CPU time by phase and by function. */
function profileText(question: Question, file: string, { threads, runs }: Options): string {
  const directory = mkdtempSync(join(tmpdir(), "logmr-bench-"));
  const oneLine = join(directory, "one-line.log");
  writeFileSync(oneLine, `${SAMPLE_LINES[question.input]}\n`);
  const idle: Contender = { name: "node", command: process.execPath, args: ["-e", "0"], answerOf: () => "" };
  const logmr = logmrContender(question, file, threads);
  const tiny = { ...logmrContender(question, oneLine, threads), name: "one line" };
  const fixed = runInterleaved([idle, tiny, logmr], runs);
  const milliseconds = (name: string): string => `${(median(fixed.get(name) ?? []) * 1000).toFixed(0)} ms`;
  rmSync(directory, { recursive: true });
  const entries = profileOf(logmr);
  const total = entries.reduce((sum, entry) => sum + entry.milliseconds, 0);
  const share = (value: number): string => `${((100 * value) / total).toFixed(1)} %`;
  return [
    `Where the time of "${question.title}" goes`,
    "",
    textTable(
      ["wall time of a whole process", ""],
      [
        ["node, doing nothing", milliseconds("node")],
        ["logmr, a file of one line", milliseconds("one line")],
        ["logmr, the whole file", milliseconds("logmr")],
      ],
    ),
    "",
    textTable(
      ["CPU time by phase, all threads", "ms", "share"],
      byPhase(entries).map(([phase, value]) => [phase, value.toFixed(1), share(value)]),
    ),
    "",
    textTable(
      ["CPU time by function, all threads", "phase", "ms", "share"],
      entries
        .slice(0, TOP_FUNCTIONS)
        .map((entry) => [entry.function, entry.phase, entry.milliseconds.toFixed(1), share(entry.milliseconds)]),
    ),
  ].join("\n");
}

async function main(): Promise<void> {
  const options = parseOptions();
  const inputs = new Inputs(join(packageRoot(), ".cache/bench"), options.sizeBytes);
  const peers: Peers = options.engines
    ? { engines: installEngines(say), ripgrep: installRipgrep(say) }
    : { engines: new Map(), ripgrep: undefined };
  const measurements: Measurement[] = [];
  const scalings: Scaling[] = [];
  for (const question of options.questions) {
    const file = await inputs.prepare(question.input);
    say(`${question.title} …`);
    measurements.push(measure(question, file, options, peers));
    scalings.push(...[measureScaling(question, file, options) ?? []].flat());
  }
  const bytes = inputs.sizes();
  if (options.json) {
    const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: availableParallelism(), node: process.version };
    process.stdout.write(
      `${JSON.stringify({ machine, bytes, runs: options.runs, threads: options.threads, measurements, scalings }, null, 2)}\n`,
    );
    return;
  }
  const sizes = Object.entries(bytes).map(([input, size]) => `${formatByteSize(size)} ${input}`);
  say(`${sizes.join(", ")}; ${options.threads} threads, median of ${options.runs}`);
  const summary = engineSummary(measurements);
  process.stdout.write(`${measurementTable(measurements)}\n${summary === undefined ? "" : `\n${summary}\n`}`);
  if (scalings.length > 0) process.stdout.write(`\n${scalingTable(scalings)}\n`);
  if (!options.profile) return;
  for (const question of options.questions) {
    process.stdout.write(`\n${profileText(question, await inputs.prepare(question.input), options)}\n`);
  }
}

try {
  await main();
} catch (error) {
  const usage = error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  if (!(error instanceof BenchError) && !usage) throw error;
  process.stderr.write(`bench: ${error.message}\n${usage ? HELP : ""}`);
  process.exitCode = usage ? 2 : 1;
}
