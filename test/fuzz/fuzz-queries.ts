/** Queries that were cut, mixed and misspelt: a plan, always the same, or a QueryError that points into the text. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson } from "../../src/base/canonical-json.js";
import { packageRoot } from "../../src/base/package-root.js";
import { COMBINED } from "../../src/engine/formats/access-log.js";
import { compileQuery } from "../../src/engine/sql/compile-query.js";
import { QueryError } from "../../src/engine/sql/query-error.js";
import type { RandomStream } from "../sim/random-stream.js";
import { FuzzError } from "./check.js";
import type { FuzzTarget } from "./fuzz.js";
import { mutateText } from "./mutate.js";

const WORDS = [
  "SELECT ",
  " FROM logs ",
  " WHERE ",
  " GROUP BY ",
  " HAVING ",
  " ORDER BY ",
  " LIMIT ",
  " OFFSET ",
  " DESC",
  " NULLS FIRST",
  " AND ",
  " OR ",
  " NOT ",
  " IS NULL",
  " IN (",
  " BETWEEN ",
  " LIKE ",
  " ~ ",
  " CASE WHEN ",
  " THEN ",
  " ELSE ",
  " END",
  " AS ",
  "count(*)",
  "count(DISTINCT ",
  "sum(",
  "p99(",
  " FILTER (WHERE ",
  "DISTINCT ",
  "(",
  ")",
  ",",
  "+",
  "-",
  "*",
  "/",
  "//",
  "%",
  "||",
  "::",
  "bigint",
  "'",
  '"',
  "''",
  ";",
  "--",
  "/*",
  "*/",
  "1",
  "0",
  "-9223372036854775808",
  "1e400",
  "1.5",
  "NULL",
  "TRUE",
  "INTERVAL '1 day'",
  "TIMESTAMP '2024-01-01'",
  "status",
  "bytes",
  "url",
  "time",
  "_raw",
  "é",
  "😀",
  "\u0000",
  "\n",
  "'2024-01-31'",
  "unparsed()",
  "*",
  "ALL",
  ".",
  "logs.",
  "date_trunc('hour', ",
  "regexp_extract(url, '(a|b)*', ",
];

function corpus(): readonly string[] {
  const folder = join(packageRoot(), "test/query-cases");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .flatMap((name) => readFileSync(join(folder, name), "utf8").split(/\n\n+/))
    .filter((block) => block.includes("\n----\n"))
    .map((block) => (block.split("\n----\n")[0] ?? "").split("\n").slice(1).join("\n"));
}

const CORPUS = corpus();
const OPTIONS = { nowMs: Date.UTC(2024, 0), fields: COMBINED.fields };

function querySoup(random: RandomStream): string {
  return `SELECT ${Array.from({ length: random.integer(1, 14) }, () => random.pick(WORDS)).join(random.chance(0.5) ? " " : "")}`;
}

function compiled(sql: string): string | undefined {
  try {
    return canonicalJson(compileQuery(sql, OPTIONS));
  } catch (error) {
    if (!(error instanceof QueryError)) throw new FuzzError(String((error as Error).stack), sql);
    if (!(error.position >= 0 && error.position <= sql.length)) throw new FuzzError(`place ${error.position}`, sql);
    return undefined;
  }
}

export const QUERIES: FuzzTarget = {
  name: "queries",
  weight: 20,
  run(random) {
    const sql = random.chance(0.2)
      ? querySoup(random)
      : mutateText(random.pick(CORPUS), [...WORDS, ...CORPUS.slice(0, 5)], random);
    const plan = compiled(sql);
    if (plan !== undefined && plan !== compiled(sql)) throw new FuzzError("two plans", sql);
    return 1;
  },
};
