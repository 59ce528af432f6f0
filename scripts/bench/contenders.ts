/** Who is measured: logmr as a user runs it, and the tools that people reach for instead. All are whole processes. */

import { spawnSync } from "node:child_process";
import { builtFile } from "../../src/base/package-root.js";
import type { Engine } from "./peers.js";
import type { Question } from "./questions.js";

export interface Contender {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The answer as comparable lines, of what the command printed. */
  readonly answerOf: (output: string) => string;
}

const LOGMR = builtFile("bin/logmr.js");

export function logmrContender(question: Question, file: string, threads: number): Contender {
  const args = [LOGMR, "query", question.sql, file, "--output", "json", "--threads", String(threads), "--quiet"];
  return {
    name: "logmr",
    command: process.execPath,
    args,
    answerOf: (output) => {
      const rows = JSON.parse(output) as readonly Readonly<Record<string, unknown>>[];
      return sortedLines(rows.map((row) => Object.values(row).join(" ")));
    },
  };
}

export function engineContender(
  engine: Engine,
  runner: string,
  question: Question,
  file: string,
  threads: number,
): Contender {
  const sql = (engine === "duckdb" ? question.duckdb : question.clickhouse).replaceAll("{file}", file);
  return {
    name: engine,
    command: process.execPath,
    args: [runner, sql, String(threads)],
    answerOf: (output) => linesOf(question, output),
  };
}

/** Undefined where the question is not for awk. */
export function mawkContender(question: Question, file: string): Contender | undefined {
  if (question.awk === undefined) return undefined;
  const args = ["-F", '"', question.awk, file];
  return { name: "mawk", command: "mawk", args, answerOf: (output) => linesOf(question, output) };
}

/** The physical limit for one core, more or less: reading every byte and looking for newlines. */
export function lineCounter(file: string): Contender {
  return { name: "wc -l", command: "wc", args: ["-l", file], answerOf: (output) => output.trim().split(" ")[0] ?? "" };
}

const linesOf = ({ normalize = (line) => line }: Question, output: string): string =>
  sortedLines(output.trimEnd().split("\n").map(normalize));

const sortedLines = (lines: readonly string[]): string => [...lines].sort().join("\n");

/** Whether the tool is installed. */
export function isPresent(command: string): boolean {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).error === undefined;
}
