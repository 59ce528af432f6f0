import fc from "fast-check";
import { expect, test } from "vitest";
import { Kernels } from "../../../src/engine/kernels/kernels.js";
import { ROW } from "../../../src/engine/kernels/layout.js";
import { hashKey } from "../../../src/engine/kernels/twins/hash.js";
import { VertexAccumulator } from "../../../src/engine/vertex-accumulator.js";
import { field, memoryReader, plan, wholeRange } from "../../unit/engine/plans.js";

/** Keys as many bytes long as any border of what is hashed and compared at once, and others that differ from them in one byte. */
const keys = fc
  .array(fc.record({ length: fc.nat(100), at: fc.nat(), letter: fc.constantFrom("a", "b", "c") }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((all) =>
    all.map(({ length, at, letter }) => {
      const text = "a".repeat(length);
      const place = length === 0 ? 0 : at % length;
      return text.slice(0, place) + letter.slice(0, length) + text.slice(place + 1);
    }),
  );

const COUNT_BYTES = 8;

test("keys of any length are grouped by all their bytes, and hashed as by the twin", () => {
  const accumulator = new VertexAccumulator(Kernels.instantiate(), plan({ keys: [field("_raw")] }));
  fc.assert(
    fc.property(keys, (texts) => {
      accumulator.reset();
      const log = new Uint8Array(Buffer.from(texts.map((text) => `${text}\n`).join("")));
      accumulator.scan(memoryReader(log), wholeRange(log, "plain"));
      const counts = new Map<string, bigint>();
      for (const { rows } of accumulator.rowBlocks()) {
        const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
        for (let at = 0; at < rows.length; ) {
          const length = view.getUint32(at + ROW.keyLength, true);
          const keyAt = at + ROW.accumulators + COUNT_BYTES;
          const key = rows.slice(keyAt, keyAt + length);
          expect(view.getBigUint64(at + ROW.hash, true)).toBe(hashKey(key, 0));
          counts.set(Buffer.from(key).toString(), view.getBigUint64(at + ROW.accumulators, true));
          at = keyAt + Math.ceil(length / 8) * 8;
        }
      }
      const expected = new Map<string, bigint>();
      for (const text of texts) expected.set(text, (expected.get(text) ?? 0n) + 1n);
      expect(counts).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});
