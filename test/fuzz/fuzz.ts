/**
 * The fuzzer: seeded inputs against everything that reads what strangers wrote. A round is one seed of one target and feeds
 * it some inputs; an input (a line, a query, a pattern, a message, a file) is an execution. A target throws where the code
 * under test crashes with anything but its typed error, hangs over what linear time allows, or disagrees with its twin.
 */

import { RandomStream } from "../sim/random-stream.js";
import { GLOBS } from "./fuzz-globs.js";
import { GZIP } from "./fuzz-gzip.js";
import { INFLATE } from "./fuzz-inflate.js";
import { LINES, RECORDS, TEMPLATES } from "./fuzz-lines.js";
import { MESSAGES } from "./fuzz-messages.js";
import { PARTIALS } from "./fuzz-partials.js";
import { PATTERNS } from "./fuzz-patterns.js";
import { QUERIES } from "./fuzz-queries.js";
import { DETECTION, FUNCTIONS, TIMES } from "./fuzz-values.js";

export interface FuzzTarget {
  readonly name: string;
  /** Its part of all executions, in relation to the other targets. */
  readonly weight: number;
  /** Feeds some inputs; returns how many. */
  run(random: RandomStream): number | Promise<number>;
}

export const TARGETS: readonly FuzzTarget[] = [
  LINES,
  RECORDS,
  TEMPLATES,
  TIMES,
  FUNCTIONS,
  DETECTION,
  QUERIES,
  PATTERNS,
  GLOBS,
  PARTIALS,
  MESSAGES,
  GZIP,
  INFLATE,
];

export interface FuzzFailure {
  readonly target: string;
  readonly round: number;
  readonly error: unknown;
}

export interface FuzzReport {
  readonly executions: ReadonlyMap<string, number>;
  readonly failures: readonly FuzzFailure[];
}

/** One round of one target, the same whenever it runs. */
export async function runRound(target: FuzzTarget, seed: number, round: number): Promise<number> {
  return await target.run(new RandomStream(seed, `${target.name} ${round}`));
}

/** Runs all targets until each had its part of `executions`, or failed. */
export async function fuzz(seed: number, executions: number, targets = TARGETS): Promise<FuzzReport> {
  const weights = targets.reduce((sum, { weight }) => sum + weight, 0);
  const done = new Map<string, number>();
  const failures: FuzzFailure[] = [];
  for (const target of targets) {
    const wanted = Math.ceil((executions * target.weight) / weights);
    let count = 0;
    for (let round = 0; count < wanted; round += 1) {
      try {
        count += await runRound(target, seed, round);
      } catch (error) {
        failures.push({ target: target.name, round, error });
        break;
      }
    }
    done.set(target.name, count);
  }
  return { executions: done, failures };
}
