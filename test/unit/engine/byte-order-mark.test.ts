import { describe, expect, it } from "vitest";
import { detectFormat } from "../../../src/engine/formats/detect-format.js";
import { Kernels } from "../../../src/engine/kernels/kernels.js";
import { VertexAccumulator } from "../../../src/engine/vertex-accumulator.js";
import { field, memoryReader, plan, tableOf } from "./plans.js";

const MARK = "\u{feff}";
const BY_LINE = plan({ keys: [field("_raw")] });
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

/** The lines of a text, counted, of two ranges that meet at `border`, read `atOnce` bytes at a time. */
function linesOf(text: string, border: number, atOnce: number): readonly unknown[] {
  const bytes = bytesOf(text);
  const accumulator = new VertexAccumulator(Kernels.instantiate(), BY_LINE);
  for (const [start, end] of [
    [0, border],
    [border, bytes.length],
  ] as const) {
    const range = { format: "plain", fileName: "a.log", nodeName: null, start, end, scanSize: bytes.length };
    accumulator.scan(memoryReader(bytes, atOnce), range);
  }
  return [tableOf(accumulator, BY_LINE), accumulator.counters.lines];
}

describe("A byte order mark at the beginning of a file", () => {
  it.each([1, 2, 3, 1000])(
    "is no part of its first line, wherever ranges meet, with %i bytes read at a time",
    (atOnce) => {
      for (const text of ["first\nsecond\n", "\nsecond", "x", "\n"]) {
        const marked = MARK + text;
        const lines = linesOf(text, bytesOf(text).length, atOnce);
        for (let border = 1; border <= bytesOf(marked).length; border += 1) {
          expect(linesOf(marked, border, atOnce), `split at ${border}`).toEqual(lines);
        }
      }
    },
  );

  it("alone is a file without lines", () => {
    expect(linesOf(MARK, 3, 1000)).toEqual([[], 0]);
  });

  it("belongs to the text where another line begins with it, and where it is cut short", () => {
    const [table] = linesOf(`first\n${MARK}second\n`, 6, 1000);
    expect(table).toEqual([
      ["first", 1n],
      [`${MARK}second`, 1n],
    ]);
    expect(linesOf("\u{fec0}x\n", 1, 2)).toEqual([[["\u{fec0}x", 1n]], 1]);
  });

  it("does not hide what format a file has, nor the name of its first column", () => {
    const detect = (text: string): string => detectFormat({ bytes: bytesOf(MARK + text), referenceMs: 0 }).format;
    expect(detect('{"level":"info","n":1}\n')).toContain("json");
    expect(detect("name,bytes\nx,1\ny,2\n")).toEqual(
      detectFormat({ bytes: bytesOf("name,bytes\nx,1\ny,2\n"), referenceMs: 0 }).format,
    );
  });
});
