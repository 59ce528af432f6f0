/** `count(*)` and `count(x)`: one u64. */

import { RANK_KIND } from "../../kernels/layout.js";
import type { Aggregate } from "./aggregate.js";
import { unsignedNumber } from "./numbers.js";

export const COUNT: Aggregate = {
  name: "count",
  accumulatorBytes: 8,
  argumentTypes: ["i64", "f64", "bool", "string", "timestamp", "interval"],
  update(kernels, rows, argument, offset) {
    if (argument === null) kernels.countRows(rows.groups, rows.count, offset);
    else kernels.countValues(rows.groups, rows.selection, rows.count, argument, offset);
  },
  mergeKernel: (kernels) => kernels.mergeCounts,
  value: (memory, at) => memory.getBigUint64(at, true),
  rankKind: () => RANK_KIND.count,
  number: unsignedNumber,
};
