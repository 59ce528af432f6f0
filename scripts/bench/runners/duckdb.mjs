/** Answers one query with DuckDB: `node duckdb.mjs SQL THREADS`, a line a row, values separated by spaces. */

import { DuckDBInstance } from "@duckdb/node-api";

const [sql, threads] = process.argv.slice(2);
const instance = await DuckDBInstance.create(":memory:", { threads });
const connection = await instance.connect();
const result = await connection.runAndReadAll(sql);
for (const row of result.getRowsJson()) process.stdout.write(`${row.join(" ")}\n`);
