import { describe, expect, it } from "vitest";
import { DEFAULT_LOG_OPTIONS, generateLog } from "../../../scripts/generate-log/log-generator.js";
import { displayWidth } from "../../../src/base/safe-text.js";
import { collectReport } from "../../../src/report/access-report.js";
import { renderJson } from "../../../src/report/json-report.js";
import type { AccessReport } from "../../../src/report/report-model.js";
import { renderTerminal } from "../../../src/report/terminal-report.js";
import { oracleRunner } from "./scan-oracle.js";

const LOG = `10.0.0.1 - - [02/Mar/2026:00:00:08 +0000] "GET / HTTP/1.1" 200 1500 "-" "curl"
10.0.0.1 - - [02/Mar/2026:00:10:00 +0000] "GET /a HTTP/1.1" 200 500 "-" "curl"
10.0.0.2 - - [02/Mar/2026:01:00:00 +0000] "GET /a HTTP/1.1" 304 - "-" "curl"
10.0.0.3 - - [02/Mar/2026:03:30:00 +0000] "GET /\u001b[2J\u202e HTTP/1.1" 404 20 "-" "curl"
10.0.0.3 - - [02/Mar/2026:03:59:59 +0000] "\\x16\\x03" 400 0 "-" "-"
this line is broken
`;

const report = async (text: string, top = 10): Promise<AccessReport> =>
  await collectReport(oracleRunner(text), { files: ["access.log"], top });

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of them
const COLOR = /\u001b\[\d+m/g;

describe("renderTerminal", () => {
  it("shows the whole report of a small log", async () => {
    const text = renderTerminal(await report(LOG), { width: 72, colors: false });
    expect(text).toBe(`Access report access.log ──────────────────────────────────────────────
2026-03-02 00:00:08 UTC to 2026-03-02 03:59:59 UTC

Requests        5                    Transferred     2.0 KiB
Hosts           3                    URLs            4
Client errors   2 (40.0 %)           Server errors   0 (0.0 %)
Log size        404 B                Unparsed lines  1 of 6

Requests per hour ─────────────────────────────────────────────────────
hits        %    bytes
   2   40.0 %  2.0 KiB  2026-03-02 00:00  ██████████████████████████████
   1   20.0 %      0 B  2026-03-02 01:00  ███████████████
   0    0.0 %      0 B  2026-03-02 02:00
   2   40.0 %     20 B  2026-03-02 03:00  ██████████████████████████████

Status codes 2xx 40.0 % · 3xx 20.0 % · 4xx 40.0 % ─────────────────────
hits        %    bytes
   2   40.0 %  2.0 KiB  200 OK            ██████████████████████████████
   1   20.0 %      0 B  304 Not Modified  ███████████████
   1   20.0 %      0 B  400 Bad Request   ███████████████
   1   20.0 %     20 B  404 Not Found     ███████████████

Most requested URLs ───────────────────────────────────────────────────
hits        %    bytes
   2   40.0 %    500 B  ██████████  /a
   1   20.0 %  1.5 KiB  █████       /
   1   20.0 %     20 B  █████       /\\u{1b}[2J\\u{202e}
   1   20.0 %      0 B  █████       (none)

Busiest hosts ─────────────────────────────────────────────────────────
hits        %    bytes
   2   40.0 %  2.0 KiB  ██████████  10.0.0.1
   2   40.0 %     20 B  ██████████  10.0.0.3
   1   20.0 %      0 B  █████       10.0.0.2

Not found (404) ───────────────────────────────────────────────────────
hits        %  bytes
   1   20.0 %   20 B  ██████████  /\\u{1b}[2J\\u{202e}
`);
  });

  it("says so of an empty log, without panels", async () => {
    expect(
      renderTerminal(await report(""), { width: 80, colors: false }),
    ).toBe(`Access report access.log ──────────────────────────────────────────────────────

Requests        0                        Transferred     0 B
Hosts           0                        URLs            0
Client errors   0                        Server errors   0
Log size        0 B                      Unparsed lines  0 of 0
`);
  });

  it.each([72, 80, 97, 140])("fits %i cells in every line", async (width) => {
    const text = Buffer.concat([...generateLog({ ...DEFAULT_LOG_OPTIONS, length: { lines: 3_000 } })]).toString(
      "latin1",
    );
    const lines = renderTerminal(await report(text), { width, colors: true })
      .replace(COLOR, "")
      .split("\n");
    expect(Math.max(...lines.map(displayWidth))).toBe(width);
    expect(lines.length).toBeGreaterThan(50);
  });

  it("has the same text with colours and without", async () => {
    const colored = renderTerminal(await report(LOG), { width: 80, colors: true });
    const plain = renderTerminal(await report(LOG), { width: 80, colors: false });
    expect(colored).not.toBe(plain);
    expect(plain).not.toContain("\u001b");
    const trimmed = colored
      .replace(COLOR, "")
      .split("\n")
      .map((line) => line.trimEnd());
    expect(trimmed.join("\n")).toBe(plain);
  });

  it("counts the files where there are several", async () => {
    const { summary, panels } = await report(LOG);
    const several = { summary: { ...summary, files: ["a.log", "b.log"] }, panels };
    expect(renderTerminal(several, { width: 80, colors: false })).toMatch(/^Access report 2 files ─/);
  });
});

describe("renderJson", () => {
  it("gives every figure of the summary and the rows of every panel", async () => {
    const { summary, panels } = JSON.parse(renderJson(await report(LOG, 2)));
    expect(summary).toEqual({
      files: ["access.log"],
      logBytes: LOG.length,
      lines: 6,
      unparsed: 1,
      requests: 5,
      statusClasses: { "2xx": 2, "3xx": 1, "4xx": 2 },
      transferred: 2020,
      hosts: 3,
      urls: 4,
      firstTime: "2026-03-02T00:00:08.000Z",
      lastTime: "2026-03-02T03:59:59.000Z",
    });
    expect(panels.map((panel: { id: string; rows: unknown[]; distinct: number }) => panel.id)).toEqual([
      "requests",
      "status",
      "urls",
      "hosts",
      "not-found",
    ]);
    expect(panels[2]).toMatchObject({
      distinct: 4,
      rows: [
        { label: "/a", hits: 2, share: 0.4, bytes: 500 },
        { label: "/", hits: 1, share: 0.2, bytes: 1500 },
      ],
    });
  });

  it("keeps all digits of large sums", async () => {
    const { summary, panels } = await report(LOG);
    const large = { summary: { ...summary, transferred: 9_007_199_254_740_993n }, panels };
    expect(renderJson(large)).toContain('"transferred": 9007199254740993,');
  });

  it("is valid JSON for a log without requests", async () => {
    const { summary, panels } = JSON.parse(renderJson(await report("")));
    expect(summary).toMatchObject({ requests: 0, firstTime: null });
    expect(panels.every((panel: { rows: unknown[] }) => panel.rows.length === 0)).toBe(true);
  });
});
