/** Expressions that are times, all in UTC. */

import type { Production } from "./grammar.js";
import { choices } from "./grammar-choices.js";
import { both, termOf } from "./term.js";

const UNITS = ["second", "minute", "hour", "day", "week", "month", "quarter", "year", "millisecond"];
const WIDTHS = ["5 minutes", "1 hour", "90 minutes", "7 days", "1 second", "13 hours"];
const DISTANCES = ["1 day", "90 minutes", "36 hours", "500 milliseconds", "2 weeks"];

const truncated: Production = (grammar, depth) => {
  const time = grammar.expression("timestamp", depth);
  return termOf("timestamp", both`date_trunc('${grammar.random.pick(UNITS)}', ${time})`, [time]);
};

const bucket: Production = (grammar, depth) => {
  const time = grammar.expression("timestamp", depth);
  const width = grammar.random.pick(WIDTHS);
  return termOf(
    "timestamp",
    [`time_bucket('${width}', ${time.ours})`, `time_bucket(INTERVAL '${width}', ${time.theirs})`],
    [time],
  );
};

const moved: Production = (grammar, depth) => {
  const time = grammar.expression("timestamp", depth);
  const operator = grammar.random.pick(["+", "-"]);
  return termOf("timestamp", both`(${time} ${operator} INTERVAL '${grammar.random.pick(DISTANCES)}')`, [time]);
};

const parsed: Production = (grammar) => {
  const time = grammar.leaf("timestamp");
  return termOf("timestamp", both`CAST(CAST(${time} AS text) AS timestamp)`, [time]);
};

export const TIME_PRODUCTIONS: readonly Production[] = [
  truncated,
  truncated,
  bucket,
  moved,
  parsed,
  ...choices("timestamp"),
];
