/**
 * The cases of `test/query-cases` against DuckDB: their expected tables were written down once, and this says that they are
 * right. What DuckDB means otherwise, on purpose here, or does not know, is listed with the reason.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/base/package-root.js";
import { runEmbedded } from "../../src/node/embedded/embedded.js";
import { differenceOf } from "./compare-tables.js";
import { DuckDb, installedDuckDb } from "./duckdb.js";
import type { Cell } from "./generated-log.js";
import { SHOP_LOG } from "./shop-log.js";

const FOLDER = join(packageRoot(), "test/query-cases");
const MISSING = installedDuckDb() === undefined ? " (skipped: DuckDB is not installed)" : "";
const ROUNDING = 1e-9;

interface QueryCase {
  readonly title: string;
  readonly sql: string;
}

const CASES: readonly QueryCase[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".sql"))
  .map((name) => readFileSync(join(FOLDER, name), "utf8"))
  .filter((text) => text.includes("inputs/shop.log"))
  .flatMap((text) => text.split(/\n\n+/))
  .filter((block) => block.includes("\n----\n") && !block.includes("\n----\nerror "))
  .map((block) => {
    const [title = "", ...sql] = (block.split("\n----\n")[0] ?? "").split("\n");
    return { title: title.replace(/^-- /, ""), sql: sql.join("\n") };
  });

/** FROM may be left out here. */
function withFrom(sql: string): string {
  if (/\bFROM logs\b/i.test(sql)) return sql;
  const clause = /\s(?:WHERE|GROUP BY|HAVING|ORDER BY|LIMIT|OFFSET)\s/g;
  const outside = sql.replaceAll(/'[^']*'|\(WHERE/g, (text) => "x".repeat(text.length));
  const at = clause.exec(outside)?.index ?? sql.length;
  return `${sql.slice(0, at)} FROM logs${sql.slice(at)}`;
}

/** Rows in an order of their own, since DuckDB promises none. */
const inOrder = (rows: readonly (readonly Cell[])[]): readonly (readonly Cell[])[] =>
  rows.toSorted((left, right) => (textOf(left) < textOf(right) ? -1 : 1));
const textOf = (row: readonly Cell[]): string => row.map((cell) => (cell === null ? "NULL" : String(cell))).join("|");

/** Titles of cases that DuckDB answers otherwise, or not, and why. */
const KNOWN: ReadonlyMap<string, string> = new Map([
  ["Without a row, distinct counts are 0 and the others NULL.", "p99 is ours"],
  ["A histogram is a JSON object in the order of its values.", "a histogram is a MAP there"],
  ["Approximate quantiles are within one percent of the value.", "p50 and p99 are ours"],
  ["A regular expression matches anywhere in the text.", "~ matches all of the text there"],
  ["A regular expression filters and groups.", "~ matches all of the text there"],
  ["A pattern of bytes beyond ASCII.", "~ matches all of the text there"],
  ["Conversions from text.", "a text that does not convert is an error there"],
  ["Numbers.", "the root of -1 is an error there"],
  ["Parts of URLs.", "url_host is ours"],
  ["Networks of addresses.", "ip_prefix is ours"],
  ["User agents.", "is_bot is ours"],
  ["A class of statuses.", "status_class is ours"],
  ["The whole line and its file.", "_raw and _file are ours"],
  ["Lines that are no rows.", "unparsed() is ours"],
  ["Lines that are no rows are filtered, grouped and counted like others.", "unparsed() is ours"],
]);

describe("the cases that DuckDB answers otherwise", () => {
  it("are all there", () => {
    const titles = new Set(CASES.map(({ title }) => title));
    expect([...KNOWN.keys()].filter((title) => !titles.has(title))).toEqual([]);
  });
});

describe.skipIf(MISSING !== "")(`the expected tables of the query cases${MISSING}`, () => {
  let judge: DuckDb;
  beforeAll(async () => {
    judge = await DuckDb.open();
    await judge.load(SHOP_LOG);
    await judge.query("ALTER TABLE logs DROP COLUMN rownum");
  });
  afterAll(() => judge.close());

  it.each(CASES)("$title", async ({ title, sql }) => {
    const file = join(FOLDER, "inputs/shop.log");
    const { table } = await runEmbedded({ sql, files: [file], format: "combined", threads: 1 });
    let problem: string | undefined;
    try {
      const theirs = await judge.query(withFrom(sql));
      problem = differenceOf(
        inOrder(table.rows),
        inOrder(theirs),
        table.columns.map(() => ROUNDING),
      );
    } catch (error) {
      problem = String(error).split("\n")[0];
    }
    if (KNOWN.has(title)) expect(problem, `equal after all: ${KNOWN.get(title)}`).toBeDefined();
    else expect(problem).toBeUndefined();
  });
});
