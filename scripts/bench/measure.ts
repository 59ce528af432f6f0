/** Whole-process times: from the start of a command to its end, its output read. */

import { spawnSync } from "node:child_process";
import type { Contender } from "./contenders.js";

/** A contender that ended with an error, or answered differently. */
export class BenchError extends Error {}

export interface Run {
  readonly seconds: number;
  readonly answer: string;
  readonly stderr: string;
}

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Runs a command once. Throws a {@link BenchError} if it fails. */
export function runOnce(contender: Contender): Run {
  const start = process.hrtime.bigint();
  const { status, stdout, stderr, error } = spawnSync(contender.command, [...contender.args], {
    encoding: "utf8",
    env: environment(),
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (error !== undefined || status !== 0) {
    throw new BenchError(`${contender.name} failed (exit ${status}): ${error?.message ?? stderr.trim()}`);
  }
  return { seconds, answer: contender.answerOf(stdout), stderr };
}

/**
 * The environment of all contenders. Where a machine has certificates of its own, Node parses them at each start, for which no
 * question asks: 45 ms where it was measured, of logmr and of the engines alike.
 */
export function environment(): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, ...rest } = process.env;
  return { ...rest, LC_ALL: "C" };
}

/** Seconds of each contender, in rounds: each round runs every contender once, so that all see the same machine. */
export function runInterleaved(
  contenders: readonly Contender[],
  rounds: number,
): ReadonlyMap<string, readonly number[]> {
  const seconds = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of contenders) seconds.get(contender.name)?.push(runOnce(contender).seconds);
  }
  return seconds;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
