/** Partials from hostile peers, with their checksums made right: refused by a PartialError, or merged without a crash. */

import { crc32 } from "node:zlib";
import { finishQuery } from "../../src/engine/finish/finish-query.js";
import { COMBINED } from "../../src/engine/formats/access-log.js";
import { Kernels } from "../../src/engine/kernels/kernels.js";
import type { QueryPlan } from "../../src/engine/plan.js";
import { compileQuery } from "../../src/engine/sql/compile-query.js";
import { VertexAccumulator } from "../../src/engine/vertex-accumulator.js";
import { memoryReader, wholeRange } from "../unit/engine/plans.js";
import { FuzzError, unlessRefused } from "./check.js";
import type { FuzzTarget } from "./fuzz.js";
import { mutateBytes } from "./mutate.js";

const QUERIES = [
  "SELECT status, count(*) GROUP BY status",
  "SELECT url, status, sum(bytes), min(bytes), max(time) GROUP BY 1, 2",
  "SELECT method, count(DISTINCT remote_addr), mode(url), median(bytes), approx_count_distinct(url) GROUP BY 1",
  "SELECT histogram(status), stddev(bytes), p99(bytes), first(url), last(bytes), sum(bytes::double)",
  "SELECT url, bytes ORDER BY bytes DESC LIMIT 5",
];
const LOG = Buffer.from(
  Array.from(
    { length: 12 },
    (_, index) =>
      `10.0.0.${index % 4} - - [10/Oct/2000:13:55:${10 + index} +0000] "GET /${"x".repeat(index * 3)} HTTP/1.1" ${200 + (index % 3)} ${index === 3 ? "-" : index * 1000} "-" "a"\n`,
  ).join(""),
);

interface Corpus {
  readonly plan: QueryPlan;
  readonly sealed: Uint8Array;
}

const kernels = Kernels.instantiate();
const CORPUS: readonly Corpus[] = QUERIES.map((sql) => {
  const plan = compileQuery(sql, { nowMs: 0, fields: COMBINED.fields });
  const accumulator = new VertexAccumulator(kernels, plan.map);
  accumulator.scan(memoryReader(LOG), wholeRange(LOG));
  return { plan, sealed: accumulator.seal().slice() };
});

const REFUSALS = ["PartialError", "PlanError", "ScalarError"];

/** Writes a small number over a word, or makes the damage that disks do. */
function damaged(sealed: Uint8Array, random: Parameters<FuzzTarget["run"]>[0]): Uint8Array {
  if (random.chance(0.4)) return mutateBytes(sealed, random);
  const changed = sealed.slice();
  const view = new DataView(changed.buffer);
  const at = random.integer(24, changed.length - 12) & ~3;
  view.setUint32(
    at,
    random.pick([0, 1, 2, 7, 8, 64, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, random.integer(0, 1000)]),
    true,
  );
  return changed;
}

function withChecksum(partial: Uint8Array): Uint8Array {
  if (partial.length < 8) return partial;
  const end = partial.length - 8;
  new DataView(partial.buffer).setUint32(end, crc32(partial.subarray(0, end)), true);
  return partial;
}

export const PARTIALS: FuzzTarget = {
  name: "partials",
  weight: 12,
  run(random) {
    const { plan, sealed } = random.pick(CORPUS);
    const hostile = damaged(sealed, random);
    const input = random.chance(0.9) ? withChecksum(hostile) : hostile;
    const accumulator = new VertexAccumulator(kernels, plan.map);
    accumulator.absorb(sealed);
    const before = accumulator.groupCount;
    const taken = unlessRefused(REFUSALS, { query: plan, input: Buffer.from(input).toString("hex") }, () => {
      accumulator.absorb(input);
      return true;
    });
    if (taken === undefined && accumulator.groupCount !== before) throw new FuzzError("half merged", input);
    unlessRefused(REFUSALS, input, () => {
      finishQuery(plan, accumulator.rows(), accumulator.counters);
      return accumulator.seal().length;
    });
    return 1;
  },
};
