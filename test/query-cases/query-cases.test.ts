/** Runs every case of the `*.sql` files here, embedded, on the kernels; `read-cases.ts` says what they look like. */

import { describe, expect, it } from "vitest";
import { plainText } from "../../src/cli/output/cell-text.js";
import { QueryError } from "../../src/engine/sql/query-error.js";
import type { ResultTable } from "../../src/job/result.js";
import { runEmbedded } from "../../src/node/embedded/embedded.js";
import { caseFiles } from "./read-cases.js";

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

for (const { name, input, cases } of caseFiles()) {
  describe(name, () => {
    it("has cases", () => expect(cases.length).toBeGreaterThan(0));
    it.each(cases)("$title", async ({ sql, expected }) => {
      expect(await outcomeOf(sql, input)).toBe(expected);
    });
  });
}
