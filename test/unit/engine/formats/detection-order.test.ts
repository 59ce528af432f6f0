import { describe, expect, test } from "vitest";
import { detectFormat } from "../../../../src/engine/formats/detect-format.js";
import { bytesOf } from "../plans.js";

const COMMON = '1.2.3.4 - bob [10/Oct/2000:13:55:36 -0700] "GET /a?b HTTP/1.0" 200 2326';
const COMBINED = `${COMMON} "http://x/" "Mozilla/4.08"`;
const TRAEFIK = `${COMBINED} 12 "router" "http://10.0.0.1" 7ms`;
const W3C_LINE = "2024-01-01 00:00:00 10.0.0.1 200";
const JSON_LINE = '{"level":"info","status":200}';

const detected = (lines: readonly string[]): string => {
  const { format, parsed, reason } = detectFormat({ bytes: bytesOf(`${lines.join("\n")}\n`), referenceMs: 0 });
  return `${format}, ${parsed}: ${reason()}`;
};
const times = (count: number, line: string): readonly string[] => new Array<string>(count).fill(line);

describe("of formats that read the lines, detection takes", () => {
  test.each([
    [
      "the first that has what is optional",
      times(100, COMBINED),
      "combined, 100: reads 100 of the first 100 lines; others: common 100, traefikclf 100",
    ],
    [
      "the more specific one where half of the lines have it",
      [...times(50, TRAEFIK), ...times(50, COMBINED)],
      "traefikclf, 100: reads 100 of the first 100 lines; others: combined 100, common 100",
    ],
    [
      "the less specific one where fewer have it",
      [...times(49, TRAEFIK), ...times(51, COMBINED)],
      "combined, 100: reads 100 of the first 100 lines; others: common 100, traefikclf 100",
    ],
    [
      "the one that reads most, though one before it reads some",
      times(20, [JSON_LINE, COMBINED, JSON_LINE, COMBINED, JSON_LINE].join("\n")),
      /^json:.*, 60: reads 60 of the first 100 lines; others: combined 40, common 40, traefikclf 40$/,
    ],
    [
      "W3C for a few lines below its directives",
      ["#Software: IIS", "#Version: 1.0", "#Date: 2024-01-01 00:00:00", "#Fields: date time c-ip sc-status", W3C_LINE],
      "w3c:date time c-ip sc-status, 1: reads 1 of the first 1 lines",
    ],
    [
      "W3C for directives alone",
      ["#Software: IIS", "#Fields: date time c-ip sc-status"],
      "w3c:date time c-ip sc-status, 0: there are no lines to judge by",
    ],
    [
      "what lines between remarks and empty ones have",
      ["# one", "", "# two", COMBINED, "", "# three"],
      "combined, 1: reads 1 of the first 1 lines; others: common 1, traefikclf 1",
    ],
    [
      "none where each reads too few",
      [...times(40, COMBINED), ...times(61, "x")],
      "plain, 100: no format reads half of the first lines; nearest: combined with 40 of 100",
    ],
  ])("%s", (_name, lines, expected) => {
    expect(detected(lines)).toEqual(typeof expected === "string" ? expected : expect.stringMatching(expected));
  });
});
