import { expect, it } from "vitest";
import { Kernels } from "../../../../src/engine/kernels/kernels.js";
import { VertexAccumulator } from "../../../../src/engine/vertex-accumulator.js";
import { aggregate, bytesOf, field, memoryReader, plan, tableOf, wholeRange } from "../plans.js";

const FORMAT = 'json:[["host","string"],["took","f64"]]';
const HOSTS = 150;
const LINES = 60_000;
const TOOK = field("took", "f64");
const MAP = plan({
  keys: [field("host")],
  aggregates: [
    aggregate("count"),
    { ...aggregate("approx_quantile", TOOK), parameters: [0.5] },
    aggregate("stddev", TOOK),
    aggregate("approx_count_distinct", TOOK),
  ],
});

/** More details than the memo has entries, each several times, in an order that mixes them. */
const linesOf = (from: number, to: number): Uint8Array =>
  bytesOf(
    Array.from({ length: to - from }, (_, index) => {
      const mixed = ((from + index) * 7919) % LINES;
      return `{"host":"h${mixed % HOSTS}","took":${1.5 ** (mixed % 211)}}`;
    }).join("\n"),
  );

it("what is remembered of details changes none of them", () => {
  const kernels = Kernels.instantiate();
  const scan = (text: Uint8Array, into: VertexAccumulator): void => {
    into.reset();
    into.scan(memoryReader(text), wholeRange(text, FORMAT));
  };
  const whole = new VertexAccumulator(Kernels.instantiate(), MAP);
  scan(linesOf(0, LINES), whole);
  const merged = new VertexAccumulator(Kernels.instantiate(), MAP);
  const part = new VertexAccumulator(kernels, MAP);
  const partLines = 500;
  for (let from = 0; from < LINES; from += partLines) {
    scan(linesOf(from, from + partLines), part);
    merged.absorb(part.seal());
  }
  expect(tableOf(whole, MAP)).toHaveLength(HOSTS);
  expect(tableOf(merged, MAP)).toEqual(tableOf(whole, MAP));
});
