import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runEmbedded } from "../../../src/node/embedded/embedded.js";
import { inspectInputs } from "../../../src/node/embedded/inputs.js";

const line = (second: number, status: number): string =>
  `10.0.0.1 - - [10/Oct/2024:13:00:${second} +0000] "GET / HTTP/1.1" ${status} 7 "-" "-"\n`;
const BEFORE = line(10, 200) + line(11, 404);
const LATER_S = 2_000_000_000;

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "logmr-changed-"));
  path = join(directory, "access.log");
  writeFileSync(path, BEFORE);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** The number of rows, where `change` happens between the reading of the file and the end of the query. */
async function countWhile(change: () => void): Promise<unknown> {
  let isDone = false;
  const { table } = await runEmbedded({
    sql: "SELECT count(*)",
    files: [path],
    threads: 1,
    onProgress: () => {
      if (!isDone) change();
      isDone = true;
    },
  });
  expect(isDone).toBe(true);
  return table.rows[0]?.[0];
}

function rewrite(content: string): void {
  writeFileSync(path, content);
  utimesSync(path, LATER_S, LATER_S);
}

describe("A file that changes while it is read", () => {
  test("may grow: what was added was not asked about", async () => {
    expect(await countWhile(() => appendFileSync(path, line(12, 200)))).toBe(2n);
  });

  test.each<[string, () => void, RegExp]>([
    ["rewritten at the same size", () => rewrite(line(10, 200) + line(11, 500)), /was rewritten/],
    ["emptied and grown beyond its size", () => rewrite(line(20, 200).repeat(3)), /was rewritten/],
    ["cut", () => truncateSync(path, 10), /was cut from \d+ to 10 bytes/],
    [
      "replaced by another",
      () => {
        renameSync(path, `${path}.1`);
        writeFileSync(path, BEFORE);
      },
      /was replaced by another file/,
    ],
    ["renamed", () => renameSync(path, `${path}.1`), /was removed or renamed/],
  ])("is refused when it was %s", async (_what, change, message) => {
    const counted = countWhile(change);
    await expect(counted).rejects.toMatchObject({ name: "InputError", code: "changed", path });
    await expect(counted).rejects.toThrow(message);
  });
});

test("Queries over files that were looked at once read the same bytes", async () => {
  const inputs = await inspectInputs([path]);
  const count = async (): Promise<unknown> => {
    const { table } = await runEmbedded({ sql: "SELECT count(*)", files: [path], inputs });
    return table.rows[0]?.[0];
  };
  expect(await count()).toBe(2n);
  appendFileSync(path, line(12, 200));
  expect(await count()).toBe(2n);
  rewrite(line(10, 200));
  await expect(count()).rejects.toMatchObject({ code: "changed" });
});
