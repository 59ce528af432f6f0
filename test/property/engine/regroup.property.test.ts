/** The kernels that bring details into the order of their groups, held against their twins. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GroupTable } from "../../../src/engine/kernels/group-table.js";
import { Kernels } from "../../../src/engine/kernels/kernels.js";
import {
  BATCH_ROWS,
  LOAD_SLACK_BYTES,
  PROBE,
  SORT_COUNTER_BYTES,
  SORT_ENTRY_BYTES,
} from "../../../src/engine/kernels/layout.js";
import { groupKeyOfDetail } from "../../../src/engine/kernels/twins/details.js";
import { hashKey } from "../../../src/engine/kernels/twins/hash.js";
import { Batch } from "../../../src/engine/operators/batch.js";
import { RowMerger } from "../../../src/engine/partial/row-merger.js";
import { rowSchema } from "../../../src/engine/partial/row-schema.js";
import type { ValueType } from "../../../src/engine/plan.js";

interface Detail {
  readonly key: Uint8Array;
  readonly nullMask: number;
}

const SHAPES: readonly (readonly [readonly ValueType[], ValueType])[] = [
  [[], "i64"],
  [[], "string"],
  [["i64"], "i64"],
  [["i64"], "string"],
  [["string"], "i64"],
  [["string"], "string"],
  [["string", "i64", "string"], "i64"],
  [["string", "i64", "string", "timestamp"], "string"],
];

/** Keys as scans compose them: fixed ones, lengths of all texts but the last, texts. */
function detailsOf(types: readonly ValueType[]): fc.Arbitrary<readonly Detail[]> {
  const fixed = types.filter((type) => type !== "string").length;
  const texts = types.length - fixed;
  const detail = fc
    .tuple(
      fc.array(fc.bigInt(-3n, 3n), { minLength: fixed, maxLength: fixed }),
      fc.array(fc.string({ maxLength: 20 }), { minLength: texts, maxLength: texts }),
      fc.nat({ max: 2 ** types.length - 1 }),
    )
    .map(([numbers, strings, nullMask]) => {
      const encoded = strings.map((text) => Buffer.from(text));
      const head = Buffer.alloc(fixed * 8 + Math.max(0, texts - 1) * 4);
      for (const [index, value] of numbers.entries()) head.writeBigInt64LE(value, index * 8);
      for (const [index, { length }] of encoded.slice(0, -1).entries()) {
        head.writeUInt32LE(length, fixed * 8 + index * 4);
      }
      return { key: Uint8Array.from(Buffer.concat([head, ...encoded])), nullMask };
    });
  const name = ({ key, nullMask }: Detail): string => `${nullMask} ${Buffer.from(key).toString("hex")}`;
  return fc.uniqueArray(detail, { selector: name, maxLength: 60 });
}

function rowOf({ key, nullMask }: Detail): Buffer {
  const row = Buffer.alloc(16 + Math.ceil(key.length / 8) * 8);
  row.writeBigUInt64LE(hashKey(key, nullMask));
  row.writeUInt32LE(key.length, 8);
  row.writeUInt32LE(nullMask, 12);
  row.set(key, 16);
  return row;
}

describe.each(SHAPES)("details of groups by %j that are %s", (groupTypes, detailType) => {
  const kernels = Kernels.instantiate();
  const { call, memory } = kernels;
  const batch = new Batch(kernels);
  const group = rowSchema(groupTypes, []);
  const types = [...groupTypes, detailType];
  const table = new GroupTable(kernels, 0, 1n);
  const merger = new RowMerger(kernels, table, rowSchema(types, []), batch);
  const scratch = memory.allocate(BATCH_ROWS * 256 + LOAD_SLACK_BYTES).address;
  const entries = memory.allocate(BATCH_ROWS * SORT_ENTRY_BYTES).address;
  const counted = memory.allocate(4).address;
  const isText = detailType === "string";
  const groupBits = (1 << groupTypes.length) - 1;
  const twinOf = ({ key, nullMask }: Detail) => ({
    key: groupKeyOfDetail(key, group, isText),
    nullMask: nullMask & groupBits,
  });
  const fill = (details: readonly Detail[]): { readonly start: number; readonly end: number } => {
    table.reset();
    merger.mergeTrusted(Buffer.concat(details.map(rowOf)));
    return table.blocks()[0] ?? { start: 0, end: 0 };
  };

  test("have the hashes of their groups", () => {
    fc.assert(
      fc.property(detailsOf(types), (details) => {
        const { start, end } = fill(details);
        const { fixedKeys, stringKeys } = group;
        const text = isText ? 1 : 0;
        const top = call.listGroupHashes(table.address, start, end, fixedKeys, stringKeys, text, scratch, entries);
        expect((top - entries) / SORT_ENTRY_BYTES).toBe(details.length);
        const hashes = details.map((_, index) => memory.view.getBigUint64(entries + index * SORT_ENTRY_BYTES, true));
        expect(hashes).toEqual(details.map((detail) => hashKey(twinOf(detail).key, twinOf(detail).nullMask)));
      }),
      { numRuns: 60 },
    );
  });

  test("are looked up as their groups, with a 0 behind the fixed keys, as many at once as there is room for", () => {
    fc.assert(
      fc.property(
        detailsOf(types),
        fc.integer({ min: 1, max: 70 }),
        fc.constantFrom(1, 100, 1e6),
        (details, most, room) => {
          const { start, end } = fill(details);
          const { fixedKeys, stringKeys } = group;
          const at = (field: number): number => memory.view.getUint32(batch.probe + field, true);
          const found: unknown[] = [];
          for (let row = start; row < end; ) {
            const flags = [fixedKeys, stringKeys, isText ? 1 : 0] as const;
            row = call.probeDetailGroups(table.address, row, end, most, ...flags, scratch, room, batch.probe, counted);
            const count = memory.view.getUint32(counted, true);
            expect(count).toBeGreaterThan(0);
            expect(count).toBeLessThanOrEqual(most);
            for (let index = 0; index < count; index += 1) {
              const address = memory.view.getUint32(at(PROBE.keys) + index * 8, true);
              const length = memory.view.getUint32(at(PROBE.keys) + index * 8 + 4, true);
              found.push({
                hash: memory.view.getBigUint64(at(PROBE.hashes) + index * 8, true),
                key: Buffer.from(memory.bytes.slice(address, address + length)).toString("hex"),
                nullMask: memory.view.getUint32(at(PROBE.nullMasks) + index * 4, true),
              });
            }
          }
          const expected = details.map((detail) => {
            const { key, nullMask } = twinOf(detail);
            const fixed = key.subarray(0, fixedKeys * 8);
            const counter = Buffer.concat([fixed, Buffer.alloc(8), key.subarray(fixedKeys * 8)]);
            return { hash: hashKey(counter, nullMask), key: counter.toString("hex"), nullMask };
          });
          expect(found).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("are parted by the highest bits of their hashes, in the order in which they came", () => {
    const target = memory.allocate(BATCH_ROWS * SORT_ENTRY_BYTES).address;
    const counters = memory.allocate(SORT_COUNTER_BYTES).address;
    fc.assert(
      fc.property(detailsOf(types), (details) => {
        const { start, end } = fill(details);
        call.listRows(table.address, start, end, entries);
        call.scatterByDigit(entries, target, details.length, 53, counters);
        const parts = details.map(({ key, nullMask }) => Number(hashKey(key, nullMask) >> 53n));
        const order = details.map((_, index) => index).sort((a, b) => (parts[a] ?? 0) - (parts[b] ?? 0) || a - b);
        const rows = details.map((_, index) => memory.view.getUint32(entries + index * SORT_ENTRY_BYTES + 8, true));
        const sorted = details.map((_, index) => memory.view.getUint32(target + index * SORT_ENTRY_BYTES + 8, true));
        expect(sorted).toEqual(order.map((index) => rows[index]));
        const ends = Array.from({ length: 2048 }, (_, part) => parts.filter((found) => found <= part).length);
        const counted = ends.map((_, part) => memory.view.getUint32(counters + part * 4, true));
        expect(counted).toEqual(ends);
      }),
      { numRuns: 20 },
    );
  });
});
