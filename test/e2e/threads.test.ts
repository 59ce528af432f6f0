/** A log that is large enough for helper threads: their number never shows in an answer. */

import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SeededRandom } from "../../scripts/generate-log/random.js";
import { builtFile } from "../../src/base/package-root.js";

const directory = mkdtempSync(join(tmpdir(), "logmr-threads-"));
const file = join(directory, "access.log");
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Threads take pieces of 4 MiB, and two of them pay from 96 MiB on. */
const BLOCKS = 120;

function block(random: SeededRandom): string {
  let text = "";
  while (text.length < 1024 * 1024) {
    const bytes = random.chance(0.1) ? "-" : random.below(1 << 20);
    const tail = random.chance(0.01) ? "" : ` "-" "agent ${random.below(50)}"`;
    const time = `10/Oct/2000:13:${10 + random.below(50)}:${10 + random.below(50)} +0000`;
    text += random.chance(0.01)
      ? "no access log\n"
      : `10.0.${random.below(256)}.${random.below(256)} - - [${time}] "GET /${random.below(5000)} HTTP/1.1" ${200 + random.below(5)} ${bytes}${tail}\n`;
  }
  return text;
}

beforeAll(() => {
  const random = new SeededRandom(7);
  const blocks = Array.from({ length: 8 }, () => block(random));
  const descriptor = openSync(file, "w");
  for (let index = 0; index < BLOCKS; index += 1) writeSync(descriptor, blocks[random.below(blocks.length)] ?? "");
  closeSync(descriptor);
});

function output(sql: string, threads: number): string {
  const args = ["query", sql, file, "--output", "json", "--threads", String(threads), "--quiet"];
  return execFileSync(process.execPath, [builtFile("bin/logmr.js"), ...args], {
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
}

describe("one, two and five threads give the same bytes", () => {
  it.each([
    "SELECT status, count(*), sum(bytes), avg(bytes), min(time), max(url) FROM logs GROUP BY status",
    "SELECT url, count(*) AS n, sum(bytes) FROM logs GROUP BY url ORDER BY n DESC LIMIT 100",
    "SELECT status, count(DISTINCT remote_addr), approx_count_distinct(url), stddev(bytes), median(bytes) FROM logs GROUP BY 1",
    "SELECT user_agent, first(url), last(url), any_value(bytes), mode(url), p99(bytes), sum(bytes::double / 3) FROM logs GROUP BY 1",
    "SELECT histogram(status), quantile(bytes, 0.9), count(*) FILTER (WHERE bytes IS NULL) FROM logs",
    "SELECT * FROM logs WHERE bytes % 1000 = 7 ORDER BY bytes DESC, url LIMIT 50",
    "SELECT _raw FROM logs WHERE status = 204 LIMIT 20 OFFSET 5",
    "SELECT count(*) FROM unparsed()",
  ])("for %s", (sql) => {
    const alone = output(sql, 1);
    expect(alone.length).toBeGreaterThan(10);
    expect(output(sql, 2)).toBe(alone);
    expect(output(sql, 5)).toBe(alone);
  });
});
