/**
 * Runs every case of the `*.sql` files here, embedded, on the kernels. A file names its input in its first line,
 * `-- input: inputs/NAME`; a case is `-- A sentence.`, the query, and behind `----` the expected table (columns separated
 * by ` | `, its first line the header) or `error CODE` with the whole message. A blank line ends a case.
 */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { plainText } from "../../src/cli/output/cell-text.js";
import { QueryError } from "../../src/engine/sql/query-error.js";
import type { ResultTable } from "../../src/job/result.js";
import { runEmbedded } from "../../src/node/embedded/embedded.js";

const directory = dirname(fileURLToPath(import.meta.url));

interface QueryCase {
  readonly title: string;
  readonly sql: string;
  readonly expected: string;
}

function parseCases(text: string): readonly QueryCase[] {
  return text
    .split(/\n\n+/)
    .filter((block) => block.includes("\n----\n"))
    .map((block) => {
      const [head = "", expected = ""] = block.split("\n----\n");
      const [title = "", ...sql] = head.split("\n");
      return { title: title.replace(/^-- /, ""), sql: sql.join("\n"), expected: expected.trimEnd() };
    });
}

function tableText({ columns, rows }: ResultTable): string {
  const lines = rows.map((row) =>
    columns.map(({ type }, index) => (row[index] === null ? "NULL" : plainText(row[index] ?? null, type))),
  );
  return [columns.map(({ name }) => name), ...lines].map((cells) => cells.join(" | ")).join("\n");
}

async function outcomeOf(sql: string, file: string): Promise<string> {
  try {
    return tableText((await runEmbedded({ sql, files: [file], format: "combined", threads: 1 })).table);
  } catch (error) {
    if (error instanceof QueryError) return `error ${error.code}\n${error.message}`;
    throw error;
  }
}

for (const name of readdirSync(directory).filter((entry) => entry.endsWith(".sql"))) {
  const text = readFileSync(join(directory, name), "utf8");
  const input = /^-- input: (\S+)/.exec(text)?.[1] ?? "";
  const cases = parseCases(text);
  describe(name, () => {
    it("has cases", () => expect(cases.length).toBeGreaterThan(0));
    it.each(cases)("$title", async ({ sql, expected }) => {
      expect(await outcomeOf(sql, join(directory, input))).toBe(expected);
    });
  });
}
