/**
 * The access report: what an access log says at a glance. Panels are queries over the engine; this folder states them,
 * shapes their answers into one model, and renders the model for a terminal or as JSON. It reads no files and runs
 * nothing itself: whoever wants a report brings a {@link QueryRunner}.
 */

import { assert } from "../base/assert.js";
import type { ResultTable, Value } from "../job/result.js";
import type { AccessReport, Panel, PanelRow } from "./report-model.js";
import { statusName } from "./status-names.js";
import { type HourOfTraffic, timelinePanel } from "./timeline.js";

export interface QueryAnswer {
  readonly table: ResultTable;
  /** Groups before LIMIT. */
  readonly groups: number;
}

/** Answers several queries over the same files, in their order. */
export type QueryRunner = (queries: readonly string[]) => Promise<readonly QueryAnswer[]>;

export interface ReportOptions {
  /** The files, as the reader knows them. */
  readonly files: readonly string[];
  /** How many rows a ranking lists. */
  readonly top: number;
}

/** One pass over the files answers all of them; what a panel needs beyond its own query comes from another's answer. */
const QUERIES = {
  hours: () =>
    "SELECT date_trunc('hour', time) AS hour, count(*) AS hits, sum(bytes) AS bytes, min(time) AS first_time, " +
    "max(time) AS last_time FROM logs GROUP BY 1 ORDER BY 1",
  status: () => "SELECT status, count(*) AS hits, sum(bytes) AS bytes FROM logs GROUP BY 1 ORDER BY 1",
  urls: (top: number) => rankingQuery("url", "", top),
  hosts: (top: number) => rankingQuery("remote_addr", "", top),
  notFound: (top: number) => rankingQuery("url", "WHERE status = 404 ", top),
} as const;

function rankingQuery(field: string, filter: string, top: number): string {
  return (
    `SELECT ${field} AS label, count(*) AS hits, sum(bytes) AS bytes FROM logs ${filter}` +
    `GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${top}`
  );
}

/** Runs the report's queries and shapes their answers. Throws what the runner throws. */
export async function collectReport(run: QueryRunner, options: ReportOptions): Promise<AccessReport> {
  const names = Object.keys(QUERIES) as (keyof typeof QUERIES)[];
  const answers = await run(names.map((name) => QUERIES[name](options.top)));
  return shapeReport((name) => {
    const answer = answers[names.indexOf(name)];
    assert(answer !== undefined, `the runner answers the query ${name}`);
    return answer;
  }, options);
}

function shapeReport(answerOf: (name: keyof typeof QUERIES) => QueryAnswer, options: ReportOptions): AccessReport {
  const { rows, counters } = answerOf("hours").table;
  const hours = rows.map(hourOf);
  const requests = hours.reduce((sum, hour) => sum + hour.hits, 0);
  const statuses = answerOf("status").table.rows.map((row) => panelRow(row, requests));
  return {
    summary: {
      files: options.files,
      logBytes: counters.bytes,
      lines: counters.lines,
      unparsed: counters.unparsed,
      requests,
      statusClasses: classesOf(statuses),
      transferred: hours.reduce((sum, hour) => sum + hour.bytes, 0n),
      hosts: answerOf("hosts").groups,
      urls: answerOf("urls").groups,
      firstTime: hours[0]?.firstTime ?? null,
      lastTime: hours.at(-1)?.lastTime ?? null,
    },
    panels: [
      timelinePanel(hours, requests),
      statusPanel(statuses),
      rankingPanel("urls", "Most requested URLs", answerOf("urls"), requests),
      rankingPanel("hosts", "Busiest hosts", answerOf("hosts"), requests),
      rankingPanel("not-found", "Not found (404)", answerOf("notFound"), requests),
    ],
  };
}

function classesOf(statuses: readonly PanelRow[]): Readonly<Record<string, number>> {
  const classes: Record<string, number> = {};
  for (const { label, hits } of statuses) {
    if (label === null) continue;
    const name = `${label.charAt(0)}xx`;
    classes[name] = (classes[name] ?? 0) + hits;
  }
  return classes;
}

function statusPanel(statuses: readonly PanelRow[]): Panel {
  const rows = statuses.map((row) => ({ ...row, note: statusName(row.label ?? "") }));
  return { id: "status", title: "Status codes", kind: "table", rows, distinct: rows.length };
}

function rankingPanel(id: Panel["id"], title: string, answer: QueryAnswer, requests: number): Panel {
  const rows = answer.table.rows.map((row) => panelRow(row, requests));
  return { id, title, kind: "ranking", rows, distinct: answer.groups };
}

/** Of a row `label, hits, bytes`. */
function panelRow([label, hits, bytes]: readonly Value[], requests: number): PanelRow {
  const count = Number(hits);
  return {
    label: label === null || label === undefined ? null : String(label),
    hits: count,
    share: requests === 0 ? 0 : count / requests,
    bytes: integer(bytes) ?? 0n,
  };
}

/** Of a row `hour, hits, bytes, first_time, last_time`. */
function hourOf([hour, hits, bytes, first, last]: readonly Value[]): HourOfTraffic {
  const start = integer(hour);
  assert(start !== null, "a row of an access log has a time");
  return {
    startMs: Number(start / 1000n),
    hits: Number(hits),
    bytes: integer(bytes) ?? 0n,
    firstTime: integer(first) ?? start,
    lastTime: integer(last) ?? start,
  };
}

const integer = (value: Value | undefined): bigint | null => (typeof value === "bigint" ? value : null);
