/** Answers one query with ClickHouse in-process: `node chdb.mjs SQL THREADS`, a line a row, values separated by spaces. */

import { query } from "chdb";

const [sql, threads] = process.argv.slice(2);
const rows = query(`${sql} SETTINGS max_threads = ${Number(threads)}`, "TSV");
process.stdout.write(String(rows).replaceAll("\t", " "));
