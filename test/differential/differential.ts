/**
 * The differential test: generated queries over generated logs, answered by logmr from the log's text and by DuckDB from the
 * values that the log was written of. One seed and one number make one case, whatever ran before.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runEmbedded } from "../../src/node/embedded/embedded.js";
import { RandomStream } from "../sim/random-stream.js";
import { differenceOf } from "./compare-tables.js";
import type { DuckDb } from "./duckdb.js";
import { type Cell, type GeneratedLog, generateLog, LOG_FORMATS } from "./generated-log.js";
import { type GeneratedQuery, generateQuery } from "./generated-query.js";

/** Queries that share a log. */
const QUERIES_PER_LOG = 25;

export interface Difference {
  readonly number: number;
  readonly format: string;
  readonly query: GeneratedQuery;
  readonly problem: string;
}

interface Answer {
  readonly rows: readonly (readonly Cell[])[];
  readonly lines: number;
  readonly unparsed: number;
}

export class Differential {
  readonly #seed: number;
  readonly #judge: DuckDb;
  readonly #folder = mkdtempSync(join(tmpdir(), "logmr-differential-"));
  /** Queries that DuckDB does not answer. */
  skipped = 0;
  /** Rows that were the same, and answers without any. */
  readonly compared = { rows: 0, empty: 0 };
  #loaded = -1;
  #log: GeneratedLog | undefined;

  constructor(seed: number, judge: DuckDb) {
    this.#seed = seed;
    this.#judge = judge;
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get logPath(): string {
    return join(this.#folder, "generated.log");
  }

  /** The query of a number, counted from 0, held against DuckDB. */
  async run(number: number): Promise<Difference | undefined> {
    const log = await this.#logOf(Math.floor(number / QUERIES_PER_LOG));
    const query = generateQuery(log, new RandomStream(this.#seed, `query ${number}`));
    const problem = await this.#problemOf(log, query);
    return problem === undefined ? undefined : { number, format: log.format, query, problem };
  }

  async #logOf(index: number): Promise<GeneratedLog> {
    if (this.#log !== undefined && this.#loaded === index) return this.#log;
    const format = LOG_FORMATS[index % LOG_FORMATS.length] ?? "json";
    const log = generateLog(format, new RandomStream(this.#seed, `log ${index}`));
    writeFileSync(this.logPath, log.text);
    await this.#judge.load(log);
    this.#log = log;
    this.#loaded = index;
    return log;
  }

  async #problemOf(log: GeneratedLog, query: GeneratedQuery): Promise<string | undefined> {
    const [ours, theirs] = [
      await outcome(() => this.#ask(log, query.ours)),
      await outcome(() => this.#judge.query(query.theirs)),
    ];
    if (theirs instanceof Error && isBeyondJudge(theirs)) {
      this.skipped += 1;
      return ours instanceof Error ? `fails here: ${ours.message}` : undefined;
    }
    if (ours instanceof Error && theirs instanceof Error) {
      return isOverflow(ours) && isOverflow(theirs)
        ? undefined
        : `both fail: here ${ours.message}; there ${theirs.message}`;
    }
    if (ours instanceof Error) return `fails here: ${ours.message}`;
    if (theirs instanceof Error) return `fails there: ${theirs.message}`;
    const isWhole = !/ LIMIT \d/.test(query.ours);
    if (isWhole && ours.unparsed !== log.unparsed) return `${ours.unparsed} lines unparsed, not ${log.unparsed}`;
    this.compared.rows += theirs.length;
    if (theirs.length === 0) this.compared.empty += 1;
    return differenceOf(ours.rows, theirs, query.tolerances);
  }

  async #ask(log: GeneratedLog, sql: string): Promise<Answer> {
    const { table } = await runEmbedded({ sql, files: [this.logPath], format: log.format, threads: 1 });
    const { lines, unparsed } = table.counters;
    return { rows: table.rows, lines, unparsed };
  }
}

async function outcome<Result>(run: () => Promise<Result>): Promise<Result | Error> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

/** DuckDB turns `NOT a >= b` into `a < b`, and then does not find it among the keys. */
const isBeyondJudge = (error: Error): boolean => /must appear in the GROUP BY clause/.test(error.message);

const isOverflow = (error: Error): boolean =>
  /out of range|overflow|does not fit/i.test(error.message) || ("code" in error && error.code === "out-of-range");
