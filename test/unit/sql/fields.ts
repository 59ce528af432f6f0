/** Columns that the tests of the compiler bind against. */

import type { ValueType } from "../../../src/engine/plan.js";

const types: Readonly<Record<string, ValueType>> = {
  time: "timestamp",
  method: "string",
  url: "string",
  path: "string",
  status: "i64",
  bytes: "i64",
  request_time: "f64",
  "http.status": "i64",
};

export const FIELDS = Object.entries(types).map(([name, type]) => ({ name, type }));
