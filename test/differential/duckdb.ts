/**
 * DuckDB as the judge. It lies outside the product's dependencies, where the bench or `npm run differential` installed it,
 * and is given the generated values in a typed table: it never parses a log.
 */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../src/base/package-root.js";
import type { Cell, GeneratedLog } from "./generated-log.js";

const PACKAGE = "@duckdb/node-api";
const VERSION = "1.5.6-r.1";
/** The bench's peers first, then a place of this test's own. */
const PLACES = ["peers", "oracle"].map((name) => join(packageRoot(), ".cache", name));

/** What is used of `@duckdb/node-api`, which is not there to take types from. */
interface Reader {
  getRows(): readonly (readonly unknown[])[];
}
interface Connection {
  run(sql: string): Promise<unknown>;
  runAndReadAll(sql: string): Promise<Reader>;
  closeSync(): void;
}
interface DuckDbModule {
  readonly DuckDBInstance: {
    create(path: string, options: Readonly<Record<string, string>>): Promise<{ connect(): Promise<Connection> }>;
  };
}

/** The folder where DuckDB is installed. */
export const installedDuckDb = (): string | undefined =>
  PLACES.find((place) => existsSync(join(place, "node_modules", PACKAGE, "package.json")));

/** Installs DuckDB unless it is there; throws npm's complaint. */
export function installDuckDb(): void {
  const [, place = ""] = PLACES;
  if (installedDuckDb() !== undefined) return;
  mkdirSync(place, { recursive: true });
  const manifest = { private: true, dependencies: { [PACKAGE]: VERSION } };
  writeFileSync(join(place, "package.json"), JSON.stringify(manifest));
  const { status, stderr } = spawnSync("npm", ["install", "--no-audit", "--no-fund"], { cwd: place, encoding: "utf8" });
  if (status !== 0) throw new Error(`DuckDB could not be installed: ${stderr.trim().split("\n").at(-1)}`);
}

export class DuckDb {
  readonly #connection: Connection;

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  static async open(): Promise<DuckDb> {
    const place = installedDuckDb();
    if (place === undefined) throw new Error("DuckDB is not installed: npm run differential installs it");
    const require = createRequire(join(place, "package.json"));
    const { DuckDBInstance } = require(PACKAGE) as DuckDbModule;
    const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
    return new DuckDb(await instance.connect());
  }

  close(): void {
    this.#connection.closeSync();
  }

  /** Makes the table `logs` of a log's values, with a column `rownum` of their places. */
  async load(log: GeneratedLog): Promise<void> {
    const types = { i64: "BIGINT", f64: "DOUBLE", bool: "BOOLEAN", string: "VARCHAR", timestamp: "BIGINT" } as const;
    const columns = log.fields.map(({ type }, index) => `c${index}: '${types[type]}'`);
    const named = log.fields.map(({ name, type }, index) => {
      const value = type === "timestamp" ? `make_timestamp(c${index})` : `c${index}`;
      return `${value} AS "${name}"`;
    });
    const folder = mkdtempSync(join(tmpdir(), "logmr-differential-"));
    try {
      const path = join(folder, "rows.ndjson");
      writeFileSync(path, log.rows.map((row, index) => `${jsonRow(row, index)}\n`).join(""));
      await this.#connection.run(
        `CREATE OR REPLACE TABLE logs AS SELECT ${named.join(", ")}, rownum FROM read_json('${path}', ` +
          `format = 'newline_delimited', columns = {${columns.join(", ")}, rownum: 'BIGINT'})`,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  async query(sql: string): Promise<readonly (readonly Cell[])[]> {
    const reader = await this.#connection.runAndReadAll(sql);
    return reader.getRows().map((row) => row.map(cellOf));
  }
}

/** Written by hand, since JSON.stringify takes no bigint and loses the sign of -0. */
function jsonRow(row: readonly Cell[], index: number): string {
  const cells = row.map((cell, at) => `"c${at}":${jsonCell(cell)}`);
  return `{${cells.join(",")},"rownum":${index}}`;
}

function jsonCell(cell: Cell): string {
  if (typeof cell === "bigint") return cell.toString();
  return Object.is(cell, -0) ? "-0.0" : JSON.stringify(cell);
}

function cellOf(value: unknown): Cell {
  if (value === null || typeof value !== "object") return value as Cell;
  if ("micros" in value) return value.micros as bigint;
  if ("scale" in value && "value" in value) return Number(value.value) / 10 ** Number(value.scale);
  throw new Error(`DuckDB gave a value of a type that is not compared: ${String(value)}`);
}
