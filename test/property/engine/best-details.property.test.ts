/** The details that decide: what the kernels keep of each group, held against the twin; and that no others are sealed. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GroupTable } from "../../../src/engine/kernels/group-table.js";
import { Kernels } from "../../../src/engine/kernels/kernels.js";
import { BEST_DETAIL, SORT_ENTRY_BYTES } from "../../../src/engine/kernels/layout.js";
import { bestDetail, type Candidate } from "../../../src/engine/kernels/twins/details.js";
import { hashKey } from "../../../src/engine/kernels/twins/hash.js";
import { Batch } from "../../../src/engine/operators/batch.js";
import { openPartial } from "../../../src/engine/partial/partial-format.js";
import { partialSchemaOf } from "../../../src/engine/partial/partial-schema.js";
import { mapPlanDigest } from "../../../src/engine/plan.js";
import { aggregate, bytesOf, field, plan, STATUS, scanned } from "../../unit/engine/plans.js";

const PLACE_BYTES = 32;
const KEY_AT = 16 + PLACE_BYTES;
const DETAIL_KEY = 1;

interface Detail extends Omit<Candidate, "rowOrder"> {
  readonly group: number;
}

const details: fc.Arbitrary<readonly Detail[]> = fc.uniqueArray(
  fc.record({
    group: fc.nat({ max: 3 }),
    text: fc.string({ maxLength: 12 }).map((text) => bytesOf(text)),
    isNull: fc.boolean(),
    place: fc.tuple(fc.bigInt(-2n, 1n), fc.bigInt(0n, 1n), fc.bigInt(0n, 1n)),
  }),
  { selector: ({ group, text, isNull }) => `${group} ${isNull} ${Buffer.from(text).toString("hex")}`, maxLength: 40 },
);

/** A row of a side table of groups by one i64, whose details are texts. */
function rowOf({ group, text, isNull, place }: Detail): Buffer {
  const row = Buffer.alloc(KEY_AT + 8 + Math.ceil(text.length / 8) * 8);
  row.writeBigInt64LE(BigInt(group), KEY_AT);
  row.set(text, KEY_AT + 8);
  const nullMask = isNull ? 1 << DETAIL_KEY : 0;
  row.writeBigUInt64LE(hashKey(row.subarray(KEY_AT, KEY_AT + 8 + text.length), nullMask));
  row.writeUInt32LE(8 + text.length, 8);
  row.writeUInt32LE(nullMask, 12);
  row.writeBigInt64LE(place[0], 16);
  row.writeBigUInt64LE(place[1], 24);
  row.writeBigUInt64LE(place[2], 32);
  row.writeBigUInt64LE(1n, 40);
  return row;
}

const compareRows = (left: Buffer, right: Buffer): number => {
  const [first, second] = [left.readBigUInt64LE(), right.readBigUInt64LE()];
  if (first !== second) return first < second ? -1 : 1;
  return (
    left.readUInt32LE(12) - right.readUInt32LE(12) || Buffer.compare(left.subarray(KEY_AT), right.subarray(KEY_AT))
  );
};

describe("the best details of each group", () => {
  const kernels = Kernels.instantiate();
  const { call, memory } = kernels;
  const batch = new Batch(kernels);
  const side = new GroupTable(kernels, PLACE_BYTES, 1n);
  const groups = new GroupTable(kernels, 16, 1n);
  const keys = memory.allocate(4096).address;
  const counted = memory.allocate(4).address;
  const entries = memory.allocate(100 * SORT_ENTRY_BYTES).address;
  const region = memory.allocate(64 * 1024).address;
  const rules = fc.constantFrom(
    [BEST_DETAIL.lowestText, 0],
    [BEST_DETAIL.highestText, 0],
    [BEST_DETAIL.lowestText, BEST_DETAIL.highestText],
    [BEST_DETAIL.firstPlace, BEST_DETAIL.firstKnownPlace],
    [BEST_DETAIL.firstKnownPlace, 0],
    [BEST_DETAIL.lastPlace, 0],
  );

  test("are those of the twin, whatever the order", () => {
    fc.assert(
      fc.property(details, rules, (given, [first = 0, second = 0]) => {
        const rows = given.map(rowOf);
        memory.bytes.set(Buffer.concat(rows), region);
        const end = region + rows.reduce((sum, { length }) => sum + length, 0);
        groups.reset();
        call.probeDetailGroups(side.address, region, end, 100, 1, 0, 1, keys, 2048, batch.probe, counted);
        groups.lookup(batch.probe, given.length);
        call.noteBestDetails(side.address, region, given.length, batch.groups, first, second, 1, 1, DETAIL_KEY);
        let top = entries;
        for (const block of groups.blocks()) {
          top = call.listBestDetails(groups.address, block.start, block.end, top) >>> 0;
        }
        const kept = Array.from({ length: (top - entries) / SORT_ENTRY_BYTES }, (_, index) =>
          memory.view.getUint32(entries + index * SORT_ENTRY_BYTES + 8, true),
        );
        const starts = rows.map((_, index) => region + rows.slice(0, index).reduce((sum, row) => sum + row.length, 0));
        const order = rows.map((_, index) => index).sort((a, b) => compareRows(rows[a] as Buffer, rows[b] as Buffer));
        const candidates = given.map((detail, index) => ({ ...detail, index, rowOrder: order.indexOf(index) }));
        const expected = new Set<number | undefined>();
        for (const group of new Set(given.map((detail) => detail.group))) {
          const own = candidates.filter((candidate) => candidate.group === group);
          for (const rule of [first, second].filter((rule) => rule !== 0)) {
            const best = bestDetail(own, rule);
            if (best !== undefined)
              expected.add(starts[own.find((candidate) => candidate.rowOrder === best.rowOrder)?.index ?? -1]);
          }
        }
        expect(new Set(kept)).toEqual(expected);
        expect(kept).toHaveLength(expected.size);
      }),
      { numRuns: 200 },
    );
  });
});

describe("a sealed partial", () => {
  const line = (index: number): string =>
    `1.2.3.4 - - [10/Oct/2000:13:55:${10 + (index % 50)} -0700] "GET /${index} HTTP/1.1" ${200 + (index % 2)} 1 "-" "-"\n`;
  const text = Array.from({ length: 100 }, (_, index) => line(index)).join("");
  const url = field("url");
  const rowCounts = (aggregates: readonly (readonly [name: string, argument: typeof url])[]): readonly number[] => {
    const map = plan({ keys: [STATUS], aggregates: aggregates.map(([name, argument]) => aggregate(name, argument)) });
    const { tables } = openPartial(scanned(text, map).seal(), mapPlanDigest(map), partialSchemaOf(map).tables);
    return tables.map(({ rowCount }) => rowCount);
  };

  test("has one detail of each group where one decides, and all where all do", () => {
    expect(rowCounts([["min", url]])).toEqual([2, 2]);
    expect(
      rowCounts([
        ["max", url],
        ["min", url],
      ]),
    ).toEqual([2, 4]);
    expect(
      rowCounts([
        ["first", url],
        ["last", url],
      ]),
    ).toEqual([2, 2, 2]);
    expect(
      rowCounts([
        ["any_value", url],
        ["first", url],
      ]),
    ).toEqual([2, 2]);
    expect(
      rowCounts([
        ["any_value", field("referer")],
        ["first", field("referer")],
      ]),
    ).toEqual([2, 2]);
    expect(
      rowCounts([
        ["min", url],
        ["count_distinct", url],
      ]),
    ).toEqual([2, 100]);
    expect(rowCounts([["mode", url]])).toEqual([2, 100]);
  });
});
