/** Who is measured: logmr as a user runs it, and the tools that people reach for instead. */

import { spawnSync } from "node:child_process";
import { builtFile } from "../../src/base/package-root.js";

/** A question in SQL and in the words of a peer. */
export interface Question {
  readonly id: string;
  readonly title: string;
  readonly sql: string;
  readonly awk: string;
}

/**
 * What logmr takes for a row, said in awk with `"` as field separator: the time's bracket is there, and a status follows
 * the request. The fields of the request are three, or there is no URL.
 */
const AWK_ROW = '$1 ~ /\\[/ && $3 ~ /^ [0-9]/ { split($3, answer, " "); ';
const AWK_TOP = 10;

export const QUESTIONS: readonly Question[] = [
  {
    id: "status",
    title: "count by status",
    sql: "SELECT status, count(*) AS hits FROM logs GROUP BY status ORDER BY status",
    awk: `${AWK_ROW} hits[answer[1]]++ } END { for (status in hits) print status, hits[status] }`,
  },
  {
    id: "urls",
    title: "top URLs by sum(bytes)",
    sql: `SELECT url, sum(bytes) AS bytes FROM logs GROUP BY url ORDER BY bytes DESC LIMIT ${AWK_TOP}`,
    awk: `${AWK_ROW} if (split($2, request, " ") == 3) bytes[request[2]] += answer[2] }
      END {
        for (url in bytes) {
          sum = bytes[url]
          if (sum <= sums[${AWK_TOP}]) continue
          for (rank = ${AWK_TOP}; rank > 1 && sums[rank - 1] < sum; rank--) {
            sums[rank] = sums[rank - 1]; urls[rank] = urls[rank - 1]
          }
          sums[rank] = sum; urls[rank] = url
        }
        for (rank = 1; rank <= ${AWK_TOP} && sums[rank] > 0; rank++) printf "%s %.0f\\n", urls[rank], sums[rank]
      }`,
  },
];

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

export function mawkContender(question: Question, file: string): Contender {
  return {
    name: "mawk",
    command: "mawk",
    args: ["-F", '"', question.awk, file],
    answerOf: (output) => sortedLines(output.trimEnd().split("\n")),
  };
}

/** The physical limit for one core, more or less: reading every byte and looking for newlines. */
export function lineCounter(file: string): Contender {
  return { name: "wc -l", command: "wc", args: ["-l", file], answerOf: (output) => output.trim().split(" ")[0] ?? "" };
}

const sortedLines = (lines: readonly string[]): string => [...lines].sort().join("\n");

/** Whether the tool is installed. */
export function isPresent(command: string): boolean {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).error === undefined;
}
