/**
 * What distribution costs: one thread, one node and several nodes beside tools that need no cluster, on the same machine,
 * with the same question. After McSherry, Isard, Murray: Scalability! But at what COST? (2015).
 */

import { differenceOf } from "../bench/compare-answers.js";
import { type Contender, engineContender, isPresent, logmrContender, mawkContender } from "../bench/contenders.js";
import { BenchError, median, runOnce } from "../bench/measure.js";
import type { Engine } from "../bench/peers.js";
import { QUESTIONS, type Question } from "../bench/questions.js";
import type { CpuGroup } from "./cpu-groups.js";
import { ALL_FILES, type InputFiles, sharedSource } from "./input-files.js";
import { asked } from "./jobs.js";
import { LimitedCluster, type Machine } from "./limited-cluster.js";
import { NODES } from "./series.js";

/** One contender's answer to one question; medians. */
export interface CostFigure {
  readonly question: string;
  readonly contender: string;
  /** That it may use. */
  readonly cores: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export interface CostInputs {
  readonly machine: Machine;
  /** A combined log without broken lines. */
  readonly log: string;
  /** The same, cut into files. */
  readonly files: InputFiles;
  readonly rounds: number;
  readonly engines: ReadonlyMap<Engine, string>;
  readonly say: (text: string) => void;
}

interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Sorted lines, values separated by spaces. */
  readonly answer: string;
}

interface Competitor {
  readonly name: string;
  readonly cores: number;
  readonly run: (question: Question) => Promise<Measured>;
}

const QUESTION_IDS = ["status", "urls"];
const CLUSTERS = [1, 2] as const;

/** Throws a {@link BenchError} if two of them answer differently. */
export async function costOf(inputs: CostInputs): Promise<readonly CostFigure[]> {
  const { machine, log, rounds, say } = inputs;
  const questions = QUESTIONS.filter(({ id }) => QUESTION_IDS.includes(id));
  const clusters: LimitedCluster[] = [];
  try {
    const clustered: Competitor[] = [];
    for (const nodes of CLUSTERS) clustered.push(await clusterOf(inputs, nodes, 1, clusters));
    clustered.push(await clusterOf(inputs, NODES, machine.share, clusters));
    const group = machine.groups.create("alone");
    const competitors = [...programs(inputs, group), ...clustered];
    const figures: CostFigure[] = [];
    for (const question of questions) {
      say(`${question.title}, ${competitors.length} contenders over ${log}`);
      figures.push(...(await compare(question, competitors, rounds)));
    }
    return figures;
  } finally {
    for (const cluster of clusters) await cluster.kill();
  }
}

async function compare(question: Question, competitors: readonly Competitor[], rounds: number): Promise<CostFigure[]> {
  const measured = new Map<Competitor, Measured[]>(competitors.map((competitor) => [competitor, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const competitor of competitors) measured.get(competitor)?.push(await competitor.run(question));
  }
  const answers = competitors.map(({ name }, index) => ({
    name,
    answer: [...measured.values()][index]?.[0]?.answer ?? "",
  }));
  const [first, ...others] = answers;
  for (const other of others) {
    const difference = first && differenceOf(first, other, question.tolerance ?? 0);
    if (difference !== undefined) throw new BenchError(`"${question.title}": the answers differ. Only ${difference}`);
  }
  return [...measured].map(([{ name, cores }, runs]) => ({
    question: question.title,
    contender: name,
    cores,
    seconds: median(runs.map(({ seconds }) => seconds)),
    cpuSeconds: median(runs.map(({ cpuSeconds }) => cpuSeconds)),
  }));
}

/** Whole processes, their start included. */
function programs({ log, engines, say }: CostInputs, group: CpuGroup): readonly Competitor[] {
  const program = (name: string, cores: number, contenderOf: (question: Question) => Contender): Competitor => ({
    name,
    cores,
    run: (question) => Promise.resolve(runInGroup(contenderOf(question), group)),
  });
  const mawk = (question: Question): Contender => {
    const contender = mawkContender(question, log);
    if (contender === undefined) throw new BenchError(`"${question.title}" is not for awk`);
    return contender;
  };
  const others = [...engines].flatMap(([engine, runner]) =>
    [1, 2].map((threads) =>
      program(engine, threads, (question) => engineContender(engine, runner, question, log, threads)),
    ),
  );
  if (!isPresent("mawk")) say("skipped: mawk is not installed here");
  return [
    ...(isPresent("mawk") ? [program("mawk", 1, mawk)] : []),
    ...others,
    ...[1, 2].map((threads) => program("logmr query", threads, (question) => logmrContender(question, log, threads))),
  ];
}

/** A shell enters the group and becomes the program. */
function runInGroup(contender: Contender, group: CpuGroup): Measured {
  const enter = 'for entrance in $0; do echo $$ >"$entrance"; done; exec "$@"';
  const args = ["-c", enter, group.entrances.join(" "), contender.command, ...contender.args];
  const before = group.cpuSeconds();
  const { seconds, answer } = runOnce({ ...contender, command: "sh", args });
  return { seconds, cpuSeconds: group.cpuSeconds() - before, answer };
}

/** Nodes that run already, as nodes do, each with one thread. */
async function clusterOf(
  { machine, files }: CostInputs,
  nodes: number,
  share: number,
  clusters: LimitedCluster[],
): Promise<Competitor> {
  const source = sharedSource(files);
  const cluster = new LimitedCluster({ ...machine, share }, source);
  clusters.push(cluster);
  for (let node = 0; node < nodes; node += 1) await cluster.start();
  await cluster.settle();
  for (const { sql, id } of QUESTIONS) if (QUESTION_IDS.includes(id)) await cluster.run(asked(sql, ALL_FILES));
  cluster.limit();
  return {
    name: nodes === 1 ? "one node" : `${nodes} nodes`,
    cores: nodes * share,
    run: async ({ sql }) => {
      const { seconds, cpuSeconds, answer } = await cluster.run(asked(sql, ALL_FILES));
      const [rows] = JSON.parse(answer) as readonly [readonly (readonly unknown[])[]];
      const lines = rows.map((row) => row.join(" ")).sort();
      return { seconds, cpuSeconds: cpuSeconds.reduce((sum, one) => sum + one, 0), answer: lines.join("\n") };
    },
  };
}
