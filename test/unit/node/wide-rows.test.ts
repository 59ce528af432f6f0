import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runEmbedded } from "../../../src/node/embedded/embedded.js";

const directory = mkdtempSync(join(tmpdir(), "logmr-wide-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function write(name: string, lines: readonly string[]): string {
  const path = join(directory, name);
  writeFileSync(path, lines.map((line) => `${line}\n`).join(""));
  return path;
}

const COLUMNS = 100;
const VALUES = ["9007199254740993", "-0.5", '"a\\"b\\u00e9"', "true", "null", '"2024-01-15T10:00:00Z"', '""'];
const MEANT = [9007199254740993n, -0.5, 'a"bé', true, null, 1705312800000000n, ""];
const names = Array.from({ length: COLUMNS }, (_, index) => `k${index}`);
const line = (shift: number): string =>
  `{${names.map((name, index) => `"${name}":${index === 0 ? shift : VALUES[index % VALUES.length]}`).join(",")}}`;
const row = (shift: number): readonly unknown[] =>
  names.map((_, index) => (index === 0 ? BigInt(shift) : MEANT[index % MEANT.length]));

describe("a row of more columns than a row has keys", () => {
  const file = write("wide.json", [3, 1, 2].map(line));

  it("has all its values, in the order of the file", async () => {
    const { table } = await runEmbedded({ sql: "SELECT * FROM logs", files: [file] });
    expect(table.columns.map(({ name }) => name)).toEqual(names);
    expect(table.rows).toEqual([3, 1, 2].map(row));
  });

  it("is sorted by what it is to be sorted by", async () => {
    const { table } = await runEmbedded({ sql: "SELECT * FROM logs ORDER BY k0 DESC LIMIT 2", files: [file] });
    expect(table.rows).toEqual([3, 2].map(row));
  });

  it("is no row where there is none, whatever fields there could be", async () => {
    const { table } = await runEmbedded({ sql: "SELECT * FROM logs", files: [write("empty.log", [])] });
    expect(table.rows).toEqual([]);
  });
});

describe("a CSV of 10,000 columns", () => {
  const header = Array.from({ length: 10_000 }, (_, index) => `c${index}`);
  const file = write("wide.csv", [header, header.map((_, index) => index), header.map(() => 1)].map(String));

  it("has a row for each of its lines", async () => {
    const { table } = await runEmbedded({ sql: "SELECT count(*), sum(c9999), min(c0) FROM logs", files: [file] });
    expect(table.rows).toEqual([[2n, 10_000n, 0n]]);
  });
});

describe("more keys than a group has room for", () => {
  it("are refused by their number", async () => {
    const file = write("keys.json", [line(1)]);
    const sql = `SELECT count(*) FROM logs GROUP BY ${names.join(", ")}`;
    await expect(runEmbedded({ sql, files: [file] })).rejects.toThrow("groups by 100 keys; at most 32 are possible");
  });
});
