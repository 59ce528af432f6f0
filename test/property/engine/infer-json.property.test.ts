import fc from "fast-check";
import { expect, it } from "vitest";
import { inferJson } from "../../../src/engine/formats/infer-records.js";

const key = fc.constantFrom("a", "b", "2", "1", "time", "é", "__proto__", "a.b", 'q"');
const scalar = fc.oneof(
  fc.constantFrom(null, true, "", "x", "2026-03-02T00:00:01.123Z", "é", 'q"', "\u2028", "\ud83d\ude00"),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(2 ** 63, 2 ** 53, 1e21, -0, 1e300),
  fc.constantFrom(
    "2026-02-29T00:00:00Z",
    "2026-02-28T23:59:60Z",
    "2026-03-02T00:00:01",
    "2026-03-02t00:00:01Z",
    "1.50",
  ),
);
const value = fc.oneof(
  { weight: 5, arbitrary: scalar },
  fc.array(scalar, { maxLength: 3 }),
  fc.dictionary(key, scalar, { maxKeys: 3 }),
);
/** Most as `JSON.stringify` writes them; some with a key twice, a number written otherwise, blanks, or no JSON at all. */
const line = fc.oneof(
  { weight: 8, arbitrary: fc.dictionary(key, value, { maxKeys: 5 }).map((object) => JSON.stringify(object)) },
  fc.constantFrom(
    '{"a":1,"a":"x"}',
    '{"a":1.0}',
    '{"a":1.50,"b":"1.50","2":-0.2500}',
    '{"a":[1.50],"b":1.50e3}',
    '{"a":"x1.50,"}',
    '{"a":1e3}',
    '{"a":+1}',
    '{"a": 1}',
    '{"a":"\\u00e9"}',
    '{"a":[1,}',
    "{}",
    "null",
    "",
    `${'{"a":'.repeat(66)}1${"}".repeat(66)}`,
    `${'{"a":'.repeat(30)}1${"}".repeat(30)}`,
    `{"a":${"[".repeat(30)}${"]".repeat(30)}}`,
    `{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}`,
  ),
);

it("columns do not depend on which of two ways lines are read", () => {
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 30 }), (lines) => {
      const bytesOf = (texts: readonly string[]): readonly Uint8Array[] => texts.map((text) => Buffer.from(text));
      // A blank before a line leaves its tokens, and sends it the long way.
      const walked = inferJson(bytesOf(lines.map((text) => ` ${text}`)));
      expect(inferJson(bytesOf(lines))).toEqual(walked);
    }),
    { numRuns: 1000 },
  );
});
