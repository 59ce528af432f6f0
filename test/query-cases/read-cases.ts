/**
 * The cases of the `*.sql` files here. A file names its input in its first line, `-- input: inputs/NAME`; a case is
 * `-- A sentence.`, the query, and behind `----` the expected table (columns separated by ` | `, its first line the header)
 * or `error CODE` with the whole message. A blank line ends a case.
 */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const directory = dirname(fileURLToPath(import.meta.url));

export interface QueryCase {
  readonly title: string;
  readonly sql: string;
  readonly expected: string;
}

export interface CaseFile {
  readonly name: string;
  /** Path of the log that the queries are about. */
  readonly input: string;
  readonly cases: readonly QueryCase[];
}

export const caseFiles = (): readonly CaseFile[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith(".sql"))
    .map((name) => {
      const text = readFileSync(join(directory, name), "utf8");
      const input = /^-- input: (\S+)/.exec(text)?.[1] ?? "";
      return { name, input: join(directory, input), cases: parseCases(text) };
    });

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
