import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bytesOf,
  childrenOf,
  chooseSpanLevel,
  FAN_IN,
  filesOf,
  hasVertex,
  isSpan,
  LEAF_BYTES,
  parseVertexName,
  rootOf,
  scanRangesOf,
  spansOf,
  type TreeShape,
  topLevelOf,
  type Vertex,
  vertexName,
  wholeJobSpan,
} from "../../../src/job/tree.js";

const fileBytes = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 3 * LEAF_BYTES }),
  fc.integer({ min: 1, max: 600 * LEAF_BYTES }),
);

const shapes: fc.Arbitrary<TreeShape> = fc
  .record({
    files: fc.array(fc.record({ bytes: fileBytes, group: fc.constantFrom("a", "b"), isWhole: fc.boolean() }), {
      maxLength: 40,
    }),
    threads: fc.integer({ min: 1, max: 64 }),
    whole: fc.boolean(),
  })
  .map(({ files, threads, whole }) => {
    const sorted = [...files].sort((left, right) => (left.group < right.group ? -1 : left.group > right.group ? 1 : 0));
    const bytes = sorted.map((file) => file.bytes);
    return { files: sorted, spanLevel: whole ? wholeJobSpan(sorted) : chooseSpanLevel(bytes, threads) };
  });

const allVertices = (shape: TreeShape, vertex: Vertex): Vertex[] => [
  vertex,
  ...childrenOf(shape, vertex).flatMap((child) => allVertices(shape, child)),
];

describe("the tree of a job", () => {
  test("never divides a file that is only read whole", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        for (const { file, start, end } of spansOf(shape, rootOf(shape)).flatMap((span) => scanRangesOf(shape, span))) {
          if (shape.files[file]?.isWhole === true) expect([start, end]).toEqual([0, shape.files[file].bytes]);
        }
      }),
    );
  });

  test("hands out every byte of every file in exactly one span, in manifest order", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const ranges = spansOf(shape, rootOf(shape)).flatMap((span) => scanRangesOf(shape, span));
        let file = 0;
        let offset = 0;
        for (const range of ranges) {
          if (range.file !== file) {
            expect(offset).toBe(shape.files[file]?.bytes);
            expect(range.file).toBe(file + 1);
            file = range.file;
            offset = 0;
          }
          expect(range.start).toBe(offset);
          offset = range.end;
        }
        if (shape.files.length > 0) {
          expect(file).toBe(shape.files.length - 1);
          expect(offset).toBe(shape.files.at(-1)?.bytes);
        } else expect(ranges).toEqual([]);
      }),
    );
  });

  test("gives every vertex at most sixteen children, which cover its bytes and lie in the job", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        for (const vertex of allVertices(shape, rootOf(shape)).slice(0, 2000)) {
          const children = childrenOf(shape, vertex);
          expect(children.length).toBeLessThanOrEqual(FAN_IN);
          expect(children.every((child) => hasVertex(shape, child))).toBe(true);
          if (children.length === 0) continue;
          expect(children.reduce((sum, child) => sum + bytesOf(shape, child), 0)).toBe(bytesOf(shape, vertex));
        }
      }),
      { numRuns: 50 },
    );
  });

  test("never hands out a span whose files different nodes may hold", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        for (const span of spansOf(shape, rootOf(shape))) {
          const { first, end } = filesOf(shape, span);
          expect(new Set(shape.files.slice(first, end).map((file) => file.group)).size).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test("names vertices so that the names parse back", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        for (const vertex of allVertices(shape, rootOf(shape)).slice(0, 500)) {
          expect(parseVertexName(vertexName(vertex))).toEqual(vertex);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("vertices of a job", () => {
  const shape: TreeShape = {
    spanLevel: { kind: "range", level: 0 },
    files: [{ bytes: 20 * LEAF_BYTES + 1, group: "a" }],
  };

  test.each([
    [{ kind: "range", file: 0, level: 2, index: 0 }, true],
    [{ kind: "range", file: 0, level: 3, index: 0 }, false],
    [{ kind: "range", file: 0, level: 0, index: 20 }, true],
    [{ kind: "range", file: 0, level: 0, index: 21 }, false],
    [{ kind: "range", file: 1, level: 0, index: 0 }, false],
    [{ kind: "files", level: 1, index: 0 }, false],
  ] satisfies [Vertex, boolean][])("%o exists: %s", (vertex, exists) => {
    expect(hasVertex(shape, vertex)).toBe(exists);
  });

  test.each(["", "r0", "r0.1", "r-1.0.0", "x1.2", "f1", "f1.0.0", "r9999999999.0.0", "r0.0.0 "])(
    "a text that is no name (%o) parses to nothing",
    (name) => {
      expect(parseVertexName(name)).toBeUndefined();
    },
  );

  test.each([
    [0, 0],
    [1, 0],
    [LEAF_BYTES, 0],
    [LEAF_BYTES + 1, 1],
    [16 * LEAF_BYTES, 1],
    [16 * LEAF_BYTES + 1, 2],
    [1024 ** 4, 5],
  ])("a file of %d bytes has its top range at level %d", (bytes, level) => {
    expect(topLevelOf(bytes)).toBe(level);
  });

  test.each([
    ["10 MB over five nodes of two threads", [10_000_000], 10, { kind: "range", level: 0 }],
    ["a terabyte", [1024 ** 4], 16, { kind: "range", level: 2 }],
    ["a hundred thousand files of 10 KB", new Array(100_000).fill(10_240), 8, { kind: "files", level: 2 }],
    ["no file", [], 4, { kind: "range", level: 0 }],
  ] as const)("hands out %s in spans of a fitting level", (_, files, threads, level) => {
    expect(chooseSpanLevel(files, threads)).toEqual(level);
  });

  test("an embedded job is one span, whatever its files", () => {
    for (const count of [0, 1, 2, 17, 300]) {
      const files = Array.from({ length: count }, () => ({ bytes: 5 * LEAF_BYTES, group: "" }));
      const whole: TreeShape = { files, spanLevel: wholeJobSpan(files) };
      expect(isSpan(whole, rootOf(whole))).toBe(true);
    }
  });
});
