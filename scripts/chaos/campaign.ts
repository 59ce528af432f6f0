/** Schedules one after the other, some on the same cluster, and what came of them all. */

import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { textTable } from "../bench/text-table.js";
import { Arena } from "./arena.js";
import { ChaosError } from "./chaos-error.js";
import type { Inputs } from "./inputs.js";
import { Oracle } from "./oracle.js";
import type { Place } from "./place.js";
import { runSchedule, type ScheduleReport } from "./run-schedule.js";
import { describeSchedule, drawSchedule, type Schedule } from "./schedule.js";

export interface CampaignOptions {
  readonly seed: number;
  readonly schedules: number;
  /** So many schedules on one cluster, then a fresh one: what earlier ones left behind is part of the test. */
  readonly lives: number;
  readonly nodes: number;
  readonly only: readonly string[] | undefined;
  /** Whether it goes on after a violation, on a fresh cluster. */
  readonly goesOn: boolean;
  readonly say: (text: string) => void;
  /** Flags that a replay needs beside the seed and the number of schedules. */
  readonly replayFlags: string;
}

export class Campaign {
  readonly reports: ScheduleReport[] = [];
  readonly #directory: string;
  readonly #place: Place;
  readonly #inputs: Inputs;
  readonly #options: CampaignOptions;
  #arena: Arena | undefined;

  constructor(directory: string, place: Place, inputs: Inputs, options: CampaignOptions) {
    this.#directory = directory;
    this.#place = place;
    this.#inputs = inputs;
    this.#options = options;
  }

  /** Whether every schedule went without a violation. */
  async run(): Promise<boolean> {
    const { seed, schedules, lives, goesOn, say } = this.#options;
    let holds = true;
    let before = 0;
    for (let index = 0; index < schedules && (holds || goesOn); index += 1, before += 1) {
      if (before === lives) await this.close();
      if (this.#arena === undefined) before = 0;
      this.#arena ??= await this.#open();
      const arena = this.#arena;
      const startMs = performance.now();
      const { nodes, only } = this.#options;
      const schedule = drawSchedule(seed + index, { nodes, facilities: arena.facilities, only });
      for (const node of [...arena.nodes, arena.joiner]) node.note(`schedule ${schedule.seed}`);
      const report = await runSchedule(arena, new Oracle(this.#oracleDirectory), schedule);
      this.reports.push(report);
      say(lineOf(report, (performance.now() - startMs) / 1000));
      if (report.violations.length === 0) continue;
      holds = false;
      this.#tellViolations(schedule, report, before);
      await this.close();
    }
    return holds;
  }

  async close(): Promise<void> {
    await this.#arena?.close();
    this.#arena = undefined;
  }

  get #oracleDirectory(): string {
    const directory = join(this.#directory, "oracle");
    mkdirSync(directory, { recursive: true });
    return directory;
  }

  async #open(): Promise<Arena> {
    for (const name of ["log", "oracle"]) rmSync(join(this.#directory, name), { recursive: true, force: true });
    const arena = new Arena(this.#directory, this.#place, this.#inputs, this.#options.nodes);
    this.#arena = arena;
    await arena.open();
    const unsettled = await arena.unsettled();
    if (unsettled.length > 0) throw new ChaosError(`the nodes did not find each other: ${unsettled.join("; ")}`);
    return arena;
  }

  /** The disks are in memory: they are kept as files beside the logs. */
  #tellViolations(schedule: Schedule, { violations }: ScheduleReport, before: number): void {
    const { say, replayFlags } = this.#options;
    say(`\n${describeSchedule(schedule)}\n`);
    for (const what of violations) say(`VIOLATION ${what}`);
    for (const node of this.#arena?.nodes ?? []) {
      say(`\n${node.name}, the end of ${node.logPath}:\n${node.lastLines()}`);
    }
    const kept = join(this.#directory, `violation-${schedule.seed}`);
    for (const name of ["data", "log"]) cpSync(join(this.#directory, name), join(kept, name), { recursive: true });
    const first = schedule.seed - before;
    say(`\nKept in ${kept}. Again with:`);
    say(`  npm run chaos -- --seed ${first} --schedules ${before + 1}${replayFlags}`);
    if (before > 0) say(`or alone, on a fresh cluster:\n  npm run chaos -- --seed ${schedule.seed}${replayFlags}`);
  }
}

function lineOf(
  { seed, faults, verdicts, refusals, endMs, settleMs, violations }: ScheduleReport,
  seconds: number,
): string {
  const told = [
    `schedule ${seed}: ${faults.join(", ") || "no fault"}`,
    `${tally(verdicts)}`,
    ...(refusals.length === 0 ? [] : [`refused before: ${tally(refusals)}`]),
    `ends ${(Math.max(0, ...endMs) / 1000).toFixed(1)} s and views ${(settleMs / 1000).toFixed(1)} s after the last fault`,
    `${seconds.toFixed(0)} s${violations.length === 0 ? "" : ", VIOLATED"}`,
  ];
  return told.join("; ");
}

function counts(names: readonly string[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const name of names) found.set(name, (found.get(name) ?? 0) + 1);
  return found;
}

const tally = (names: readonly string[]): string =>
  [...counts(names)].map(([name, count]) => `${count} ${name}`).join(", ");

/** The n-th of a hundred parts of the values, in seconds. */
function percentile(values: readonly number[], part: number): string {
  const sorted = [...values].sort((left, right) => left - right);
  const value = sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * part) / 100))] ?? 0;
  return `${(value / 1000).toFixed(1)} s`;
}

/** Everything in a table: faults by kind, what became of the questions, how long it took to recover. */
export function summaryOf(
  reports: readonly ScheduleReport[],
  kinds: readonly string[],
  cpuSeconds: number | undefined,
): string {
  const faults = counts(reports.flatMap((report) => report.faults));
  const verdicts = counts(reports.flatMap((report) => report.verdicts));
  const refusals = counts(reports.flatMap((report) => report.refusals));
  const endMs = reports.flatMap((report) => report.endMs);
  const settleMs = reports.map((report) => report.settleMs);
  const rows = [
    ["schedules", `${reports.length}`],
    ...kinds.map((kind) => [`fault: ${kind}`, `${faults.get(kind) ?? 0}`]),
    ...[...verdicts].map(([kind, count]) => [`questions: ${kind}`, `${count}`]),
    ...[...refusals].map(([reason, count]) => [`submits refused: ${reason}`, `${count}`]),
    ["last fault to end, p50", percentile(endMs, 50)],
    ["last fault to end, p99", percentile(endMs, 99)],
    ["last fault to end, longest", percentile(endMs, 100)],
    ["last fault to equal views, longest", percentile(settleMs, 100)],
    ["processor time, all processes", cpuSeconds === undefined ? "unknown" : `${cpuSeconds.toFixed(0)} s`],
    ["schedules with a violation", `${reports.filter(({ violations }) => violations.length > 0).length}`],
  ];
  return textTable(["", ""], rows);
}
