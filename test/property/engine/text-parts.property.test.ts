import fc from "fast-check";
import { expect, test } from "vitest";
import { scalarFunction } from "../../../src/engine/functions/catalogue.js";
import type { Value } from "../../../src/job/result.js";

/** Few letters, so that separators occur; some of two units of a JavaScript string, and halves of such. */
const text = fc
  .array(fc.constantFrom("a", "b", ",", "é", "😀", "\ud83d", "\ude00"), { maxLength: 12 })
  .map((all) => all.join(""));
const place = fc.integer({ min: -14, max: 14 });

function call(name: string, ...values: readonly Value[]): Value {
  const definition = scalarFunction(name);
  if (definition === undefined) throw new RangeError(`no function ${name}`);
  return definition.evaluate(values, { arguments: [], result: "string" });
}

test("Parts of a text are counted in code points", () => {
  fc.assert(
    fc.property(text, place, (given, count) => {
      const points = Array.from(given);
      expect(call("left", given, BigInt(count))).toBe(points.slice(0, count).join(""));
      const behind = count < 0 ? -count : Math.max(0, points.length - count);
      expect(call("right", given, BigInt(count))).toBe(points.slice(behind).join(""));
    }),
    { numRuns: 2000 },
  );
});

test("A substring has the code points whose places lie in its range", () => {
  fc.assert(
    fc.property(text, place, place, (given, start, length) => {
      const points = Array.from(given);
      const from = start < 0 ? points.length + start + 1 : start;
      const [first, behind] = length < 0 ? [from + length, from] : [from, from + length];
      const expected = points.filter((_, index) => index + 1 >= first && index + 1 < behind).join("");
      expect(call("substring", given, BigInt(start), BigInt(length))).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});

test("A part between separators is that of the whole list of parts, from either end", () => {
  fc.assert(
    fc.property(text, fc.constantFrom(",", "a", "ab", "😀", ",,", ""), place, (given, separator, number) => {
      const parts = separator === "" ? Array.from(given) : given.split(separator);
      const expected = number === 0 ? "" : (parts.at(number > 0 ? number - 1 : number) ?? "");
      expect(call("split_part", given, separator, BigInt(number))).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});

test("The place of a part counts the code points before it", () => {
  fc.assert(
    fc.property(text, fc.constantFrom(",", "a", "b,", "😀", "é"), (given, part) => {
      const at = given.indexOf(part);
      const expected = at < 0 ? 0 : Array.from(given.slice(0, at)).length + 1;
      expect(call("strpos", given, part)).toBe(BigInt(expected));
    }),
    { numRuns: 2000 },
  );
});
