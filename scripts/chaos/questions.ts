/** What is asked in a chaos run: every shape of plan, over the common, the private and the live logs. */

import type { SeededRandom } from "../generate-log/random.js";

export type SourceName = "web" | "app" | "live";

export interface Question {
  readonly source: SourceName;
  /** `{from}` stands where the cluster's and the embedded query differ. */
  readonly sql: string;
  /** A row query may stop early, and then has seen fewer lines. */
  readonly countsLines: boolean;
}

type Shape = (number: number) => string;

const AGGREGATES: readonly Shape[] = [
  (number) => `SELECT status, count(*) AS hits, sum(bytes + ${number}) AS sent FROM {from} GROUP BY status`,
  (number) =>
    `SELECT url, count(*) AS hits, sum(bytes + ${number}) AS sent FROM {from} GROUP BY url ORDER BY hits DESC, url LIMIT 50`,
  (number) =>
    `SELECT remote_addr, url, max(bytes + ${number}) AS most FROM {from} GROUP BY 1, 2 ORDER BY most DESC, 1, 2 LIMIT 100`,
  (number) =>
    `SELECT count(*) AS hits, p95(bytes + ${number}) AS p95, approx_count_distinct(url) AS urls, avg(bytes) AS mean FROM {from}`,
  (number) =>
    `SELECT date_trunc('hour', time) AS hour, count(*) FILTER (WHERE status >= 500) AS failed, sum(bytes + ${number}) AS sent FROM {from} GROUP BY 1`,
  (number) =>
    `SELECT method, median(bytes + ${number}) AS middle, stddev(bytes) AS spread, count(DISTINCT remote_addr) AS clients FROM {from} GROUP BY method`,
  (number) =>
    `SELECT status_class(status) AS class, count(*) AS hits, max(bytes + ${number}) AS most FROM {from} WHERE regexp_matches(url, '/[a-z]+/.*[0-9]') GROUP BY 1`,
];

const ROWS: Shape = (number) =>
  `SELECT time, remote_addr, url, bytes + ${number} AS size FROM {from} WHERE status >= 500 ORDER BY time, url, remote_addr LIMIT 40`;

/** Numbers of questions that may have been asked before, so that some of the answer is stored. */
const REPEATED_NUMBERS = 3;
const FRESH_NUMBERS = 1_000_000;
const FRESH_CHANCE = 0.6;
const ROW_CHANCE = 0.1;

export function drawQuestion(random: SeededRandom, source: SourceName): Question {
  const number = random.chance(FRESH_CHANCE) ? random.below(FRESH_NUMBERS) : random.below(REPEATED_NUMBERS);
  const isRows = random.chance(ROW_CHANCE) && source === "web";
  const shape = isRows ? ROWS : (AGGREGATES[random.below(AGGREGATES.length)] ?? ROWS);
  return { source, sql: shape(number), countsLines: !isRows };
}

export const clusterSql = ({ sql, source }: Question, liveName: string): string =>
  sql.replace("{from}", source === "live" ? `'live:${liveName}'` : `'${source}:*.log'`);
