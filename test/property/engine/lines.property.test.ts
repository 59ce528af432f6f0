import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Kernels } from "../../../src/engine/kernels/kernels.js";
import { BATCH_ROWS, LINE_BYTES, LINE_SPLIT } from "../../../src/engine/kernels/layout.js";
import { splitLines } from "../../../src/engine/kernels/twins/lines.js";
import { VertexAccumulator } from "../../../src/engine/vertex-accumulator.js";
import { BYTES, field, memoryReader, plan, STATUS, TIME, tableOf, wholeRange } from "../../unit/engine/plans.js";
import { naiveTable } from "./naive-map.js";

const kernels = Kernels.instantiate();
const { address: split } = kernels.memory.allocate(LINE_SPLIT.sizeBytes);
const { address: lines } = kernels.memory.allocate(BATCH_ROWS * LINE_BYTES);
const { address: room } = kernels.memory.allocate(64 * 1024);

/** The lines that the kernel finds in the text, resumed until none is left. */
function splitByKernel(text: Uint8Array, maxLines: number, batchBytes: number): readonly Uint8Array[] {
  const { bytes, view } = kernels.memory;
  // What lies behind the text must not matter: newlines are the worst that could.
  bytes.fill(0x0a, room, room + text.length + 256);
  bytes.set(text, room);
  const textEnd = room + text.length;
  for (const [offset, value] of [
    [LINE_SPLIT.lineStart, room],
    [LINE_SPLIT.searchFrom, room],
    [LINE_SPLIT.textEnd, textEnd],
    [LINE_SPLIT.rangeEnd, textEnd],
    [LINE_SPLIT.isLastText, 1],
  ] as const) {
    view.setUint32(split + offset, value, true);
  }
  const found: Uint8Array[] = [];
  while (view.getUint32(split + LINE_SPLIT.lineStart, true) < textEnd) {
    const start = view.getUint32(split + LINE_SPLIT.lineStart, true);
    const rows = kernels.call.splitLines(split, lines, maxLines, batchBytes);
    expect(rows).toBeGreaterThan(0);
    expect(rows).toBeLessThanOrEqual(maxLines);
    for (let row = 0; row < rows; row += 1) {
      const at = lines + row * LINE_BYTES;
      // Only the first line of a batch may begin where the text of a batch is used up.
      if (row > 0) expect(view.getUint32(at, true)).toBeLessThan(start + batchBytes);
      found.push(bytes.slice(view.getUint32(at, true), view.getUint32(at + 4, true)));
    }
  }
  return found;
}

const textOfLines = (mostBytes: number): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(
      fc.array(fc.tuple(fc.nat(mostBytes), fc.constantFrom("\n", "\n", "\r\n", "\r\r\n")), { maxLength: 120 }),
      fc.nat(mostBytes),
    )
    .map(([all, rest]) =>
      Buffer.from(`${all.map(([length, end]) => "x".repeat(length) + end).join("")}${"y".repeat(rest)}`),
    )
    .map((text) => new Uint8Array(text));

describe("the lines of a text", () => {
  test.each([3, 40, 150, 400])("of up to %i bytes are those of the twin, however few fit a batch", (mostBytes) => {
    fc.assert(
      fc.property(
        textOfLines(mostBytes),
        fc.oneof(fc.integer({ min: 1, max: 80 }), fc.constant(BATCH_ROWS)),
        fc.oneof(fc.integer({ min: 1, max: 500 }), fc.constant(64 * 1024)),
        (text, maxLines, batchBytes) => {
          const found = splitByKernel(text, maxLines, batchBytes).map((line) => Buffer.from(line).toString());
          expect(found).toEqual(splitLines(text).map((line) => Buffer.from(line).toString()));
        },
      ),
      { numRuns: 150 },
    );
  });
});

const word = (maxLength: number): fc.Arbitrary<string> => fc.nat(maxLength).map((length) => "w".repeat(length));

/** Text with escapes and quotes at any place, so that they come to lie at every border of what is compared at once. */
const quoted = fc
  .array(fc.oneof({ weight: 6, arbitrary: word(70) }, fc.constantFrom('\\"', "\\\\", " ", "-", "\\", '"')), {
    maxLength: 4,
  })
  .map((parts) => `"${parts.join("")}"`);

const digits = fc.oneof(
  fc.bigInt({ min: 0n, max: 10n ** 20n }).map(String),
  fc.nat(20).map((length) => "7".repeat(length)),
  fc.constantFrom("-", "--", "00000000", "1-", "-1"),
);

const accessLine = fc
  .record({
    address: word(45),
    ident: fc.constantFrom("-", "", "ident"),
    user: fc.oneof(fc.constantFrom("-", "two words", "[", " ["), word(40)),
    time: fc.constantFrom(
      "10/Oct/2000:13:55:36 -0700",
      "10/Oct/2000:13:55:60 -0700",
      "10/Oct/2000:13:55:61 -0700",
      "10/Oct/2000:13:5x:36 -0700",
      "10/Oct/2000:14:05:09 +0000",
    ),
    behindTime: fc.constantFrom("] ", "] ", "] ", "]", " "),
    request: quoted,
    behindRequest: fc.constantFrom(" ", " ", " ", "  ", ""),
    status: fc.oneof(fc.constantFrom("200", "304", "000", "999", "20x", "2 00"), digits),
    bytes: fc.oneof(fc.nat().map(String), digits),
    rest: fc.oneof(
      fc
        .tuple(quoted, fc.constantFrom(" ", " ", ""), quoted)
        .map(([referer, between, agent]) => ` ${referer}${between}${agent}`),
      fc.constantFrom("", " ", " x", "x", "\r"),
    ),
  })
  .map(
    ({ address, ident, user, time, behindTime, request, behindRequest, status, bytes, rest }) =>
      `${address} ${ident} ${user} [${time}${behindTime}${request}${behindRequest}${status} ${bytes}${rest}`,
  );

const behindHost = (line: string, format: string): string => (format.startsWith("v") ? `host:80 ${line}` : line);

describe("fields of any length", () => {
  test.each([
    ["those of the beginning", "combined", [field("remote_addr"), field("remote_user"), TIME]],
    ["those of the beginning, behind a host", "vcombined", [field("host"), field("remote_addr"), field("remote_user")]],
    ["numbers", "combined", [STATUS, BYTES]],
    ["numbers at the end", "common", [STATUS, BYTES]],
    ["those in quotes", "combined", [field("method"), field("url"), field("referer"), field("user_agent")]],
    ["the last alone", "combined", [field("user_agent")]],
    ["none", "combined", []],
  ])("are those of the twin: %s", (_name, format, keys) => {
    const map = plan({ keys });
    const accumulator = new VertexAccumulator(Kernels.instantiate(), map);
    fc.assert(
      fc.property(fc.array(accessLine, { maxLength: 8 }), (all) => {
        const text = new Uint8Array(Buffer.from(all.map((line) => behindHost(line, format)).join("\n")));
        accumulator.reset();
        accumulator.scan(memoryReader(text), wholeRange(text, format));
        const expected = naiveTable(text, map, format);
        expect(tableOf(accumulator, map)).toEqual(expected.table);
        expect(accumulator.counters).toMatchObject({ lines: expected.lines, unparsed: expected.unparsed });
      }),
      { numRuns: 400 },
    );
  });
});
