/** What a second thread is worth: the time of the scan alone, in new processes that answer with one thread and with several. */

import { builtFile } from "../../src/base/package-root.js";
import type { Contender } from "./contenders.js";
import { median, runOnce } from "./measure.js";
import type { Question } from "./questions.js";
import { textTable } from "./text-table.js";

const SCAN_TIME = builtFile("scripts/scan-time.js");

export interface Scaling {
  readonly question: string;
  readonly threads: number;
  /** Medians, in milliseconds. */
  readonly oneThread: number;
  readonly allThreads: number;
}

/** Undefined where one thread is all that can scan: alone, or on a stream. */
export function measureScaling(
  question: Question,
  file: string,
  { threads, runs }: { readonly threads: number; readonly runs: number },
): Scaling | undefined {
  if (threads === 1 || question.input === "gzip") return undefined;
  const scans = [1, threads].map((count) => ({
    contender: scanOf(question, file, count),
    milliseconds: [] as number[],
  }));
  for (let round = 0; round < runs; round += 1) {
    for (const { contender, milliseconds } of scans) milliseconds.push(Number(runOnce(contender).answer));
  }
  const [oneThread = Number.NaN, allThreads = Number.NaN] = scans.map(({ milliseconds }) => median(milliseconds));
  return { question: question.title, threads, oneThread, allThreads };
}

function scanOf(question: Question, file: string, threads: number): Contender {
  const format = question.format === undefined ? [] : [question.format];
  return {
    name: `the scan with --threads ${threads}`,
    command: process.execPath,
    args: [SCAN_TIME, question.sql, file, String(threads), ...format],
    answerOf: (output) => output.trim(),
  };
}

export function scalingTable(scalings: readonly Scaling[]): string {
  const rows = scalings.map(({ question, threads, oneThread, allThreads }) => [
    question,
    `${oneThread.toFixed(0)} ms`,
    `${allThreads.toFixed(0)} ms`,
    `${threads}`,
    `${(oneThread / allThreads).toFixed(2)} ×`,
  ]);
  return textTable(["scan alone", "1 thread", "all threads", "of them", "faster"], rows);
}
