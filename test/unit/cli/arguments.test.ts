import { describe, expect, it } from "vitest";
import { CommandError, EXIT, exitCodeOf } from "../../../src/cli/exit-codes.js";
import { COMMANDS } from "../../../src/cli/lazy-commands.js";
import { parseTime } from "../../../src/cli/parse-time.js";
import { percent } from "../../../src/cli/percent.js";
import { progressText } from "../../../src/cli/progress-bar.js";
import { wholeNumber } from "../../../src/cli/whole-number.js";
import { FormatError } from "../../../src/engine/formats/format-error.js";
import { ScalarError } from "../../../src/engine/functions/scalar-error.js";
import { ScanError } from "../../../src/engine/operators/scan-error.js";
import { QueryError } from "../../../src/engine/sql/query-error.js";
import { InputError } from "../../../src/node/input-error.js";

const NOW_MS = Date.UTC(2024, 0, 31, 12);

describe("a time on the command line", () => {
  it.each([
    ["2024-01-31T10:00:00Z", "2024-01-31T10:00:00.000Z"],
    ["2024-01-31T10:00:00+02:00", "2024-01-31T08:00:00.000Z"],
    ["2024-01-31", "2024-01-31T00:00:00.000Z"],
    ["1706695200", "2024-01-31T10:00:00.000Z"],
    ["-1h", "2024-01-31T11:00:00.000Z"],
    ["2d", "2024-01-29T12:00:00.000Z"],
    ["90 minutes", "2024-01-31T10:30:00.000Z"],
    ["now", "2024-01-31T12:00:00.000Z"],
  ])("%s is %s", (text, iso) => expect(new Date(parseTime(text, NOW_MS, "--since")).toISOString()).toBe(iso));

  it.each(["", "soon", "2024-02-30", "1 month", "--1h"])("%j is refused with the ways to write one", (text) => {
    expect(() => parseTime(text, NOW_MS, "--since")).toThrow(/^--since ".*" is no time; write 2024-01-31T12:00:00Z/);
  });
});

describe("a whole number on the command line", () => {
  const read = wholeNumber(1, 256);
  it.each(["1", "256", "007"])("%s is one", (text) => expect(read(text)).toBe(Number(text)));
  it.each(["", "0", "257", "-1", "1.0", "1e1", "0x10", " 5", "many"])("%j is refused with its limits", (text) => {
    expect(() => read(text)).toThrow("It is a whole number from 1 to 256.");
  });
});

describe("exit codes", () => {
  it.each([
    [new QueryError("syntax", "x", 0, "wrong"), EXIT.usage],
    [new FormatError("unknown-format", "wrong"), EXIT.usage],
    [new ScalarError("overflow", "wrong"), EXIT.usage],
    [new InputError("none", "", "wrong"), EXIT.usage],
    [new InputError("ambiguous", "a", "wrong"), EXIT.usage],
    [new InputError("missing", "a", "wrong"), EXIT.input],
    [new InputError("changed", "a", "wrong"), EXIT.input],
    [new ScanError("input-ended", "wrong"), EXIT.input],
    [new CommandError(EXIT.unreachable, "wrong"), EXIT.unreachable],
    [new TypeError("wrong"), EXIT.internal],
    ["wrong", EXIT.internal],
  ])("of %s is %i", (error, code) => expect(exitCodeOf(error)).toBe(code));
});

describe("the commands", () => {
  it("load under the names that the help lists", async () => {
    const local = COMMANDS.filter(({ name }) => ["query", "detect", "formats"].includes(name));
    expect(local).toHaveLength(3);
    for (const { name, load } of local) expect((await load()).name()).toBe(name);
  });
});

describe("a share", () => {
  it.each([
    [1, "100.0 %"],
    [0.99958, "99.9 %"],
    [0.29, "29.0 %"],
    [0, "0.0 %"],
  ])("of %d is %s", (share, text) => expect(percent(share)).toBe(text));
});

describe("progress", () => {
  it("shows share and bytes, and bytes alone where the end is unknown", () => {
    expect(progressText(5_000_000, 10_000_000)).toBe(`${"█".repeat(15)}${"░".repeat(15)}  50 %  5.0 MB`);
    expect(progressText(5_000_000, undefined)).toBe("5.0 MB");
  });
});
