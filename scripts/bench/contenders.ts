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
  const format = question.format === undefined ? [] : ["--format", question.format];
  const options = ["--output", "json", "--threads", String(threads), "--quiet"];
  const args = [LOGMR, "query", question.sql, file, ...format, ...options];
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
  const answerOf = (output: string): string => linesOf(question, output);
  if (question.input === "gzip") {
    return { name: "mawk", command: "sh", args: ["-c", UNPACK_INTO_MAWK, "sh", file, question.awk], answerOf };
  }
  return { name: "mawk", command: "mawk", args: ["-F", '"', question.awk, file], answerOf };
}

const UNPACK_INTO_MAWK = `zcat "$1" | mawk -F '"' "$2"`;

/** The limit for searching, more or less. Undefined where ripgrep cannot answer. */
export function ripgrepContender(command: string | undefined, question: Question, file: string): Contender | undefined {
  if (question.ripgrep === undefined || command === undefined) return undefined;
  const args = ["--no-config", "--count", question.ripgrep, file];
  return { name: "ripgrep", command, args, answerOf: (output) => output.trim() };
}

/** The physical limit for one core, more or less: reading every byte and looking for newlines. */
export function lineCounter({ input }: Question, file: string): Contender {
  const answerOf = (output: string): string => output.trim().split(" ")[0] ?? "";
  if (input === "gzip")
    return { name: "wc -l", command: "sh", args: ["-c", 'zcat "$1" | wc -l', "sh", file], answerOf };
  return { name: "wc -l", command: "wc", args: ["-l", file], answerOf };
}

const linesOf = ({ normalize = (line) => line }: Question, output: string): string =>
  sortedLines(output.replace(/\n$/, "").split("\n").map(normalize));

const sortedLines = (lines: readonly string[]): string => [...lines].sort().join("\n");

/** Whether the tool is installed. */
export function isPresent(command: string): boolean {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).error === undefined;
}
