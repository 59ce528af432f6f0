/** Answers the report's queries over lines of combined format with plain JavaScript, to render reports without an engine. */

import { expect } from "vitest";
import type { Value } from "../../../src/job/result.js";
import type { QueryAnswer, QueryRunner } from "../../../src/report/access-report.js";

const LINE = /^(\S+) \S+ \S+ \[([^\]]+)\] "(?:[A-Z]+ (\S+) [^"]*|[^"]*)" (\d{3}) (\d+|-)/;

interface Row {
  readonly host: string;
  readonly micros: bigint;
  readonly url: string | null;
  readonly status: bigint;
  readonly bytes: bigint | null;
}

interface Group {
  hits: bigint;
  bytes: bigint | null;
  first: bigint;
  last: bigint;
}

const NULLS_LAST = "\u{10ffff}";
const HOUR = 3_600_000_000n;

export function oracleRunner(text: string): QueryRunner {
  const lines = text.split("\n").slice(0, -1);
  const rows = lines.flatMap((line) => parseRow(line) ?? []);
  const counters = {
    lines: lines.length,
    bytes: text.length,
    unparsed: lines.length - rows.length,
    malformedFields: 0,
  };
  return (queries) => Promise.resolve(queries.map((sql) => ({ ...answer(sql, rows, counters) })));
}

function answer(sql: string, rows: readonly Row[], counters: QueryAnswer["table"]["counters"]): QueryAnswer {
  const key = keyOf(sql);
  const wanted = sql.includes("WHERE status = 404") ? rows.filter((row) => row.status === 404n) : rows;
  const groups = new Map<Value, Group>();
  for (const row of wanted) addRow(groups, key(row), row);
  const limit = Number(/LIMIT (\d+)$/.exec(sql)?.[1] ?? Number.POSITIVE_INFINITY);
  const entries = [...groups.entries()].sort(([leftKey, left], [rightKey, right]) =>
    sql.includes("ORDER BY 2 DESC, 1")
      ? compare(right.hits, left.hits) || compare(leftKey ?? NULLS_LAST, rightKey ?? NULLS_LAST)
      : compare(leftKey ?? NULLS_LAST, rightKey ?? NULLS_LAST),
  );
  const times = sql.includes("first_time");
  const table = entries
    .slice(0, limit)
    .map(([label, { hits, bytes, first, last }]): Value[] => [label, hits, bytes, ...(times ? [first, last] : [])]);
  return { table: { columns: [], rows: table, counters }, groups: groups.size };
}

function keyOf(sql: string): (row: Row) => Value {
  const first = /^SELECT (date_trunc\(.*?\)|\w+)/.exec(sql)?.[1];
  switch (first) {
    case "date_trunc('hour', time)":
      return (row) => (row.micros / HOUR) * HOUR;
    case "status":
      return (row) => row.status;
    case "url":
      return (row) => row.url;
    case "remote_addr":
      return (row) => row.host;
    default:
      return expect.fail(`the oracle knows the query: ${sql}`);
  }
}

function addRow(groups: Map<Value, Group>, key: Value, row: Row): void {
  const group = groups.get(key) ?? { hits: 0n, bytes: null, first: row.micros, last: row.micros };
  groups.set(key, group);
  group.hits += 1n;
  if (row.bytes !== null) group.bytes = (group.bytes ?? 0n) + row.bytes;
  if (row.micros < group.first) group.first = row.micros;
  if (row.micros > group.last) group.last = row.micros;
}

function parseRow(line: string): Row | undefined {
  const match = LINE.exec(line);
  if (match === null) return undefined;
  const [, host = "", time = "", url, status = "", bytes = ""] = match;
  const iso = time.replace(/\//g, " ").replace(":", " ");
  return {
    host,
    micros: BigInt(Date.parse(iso)) * 1000n,
    url: url ?? null,
    status: BigInt(status),
    bytes: bytes === "-" ? null : BigInt(bytes),
  };
}

function compare<T extends bigint | string | number | boolean>(left: T, right: T): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
