import { describe, expect, it } from "vitest";
import { asked, largeGroupBy, mapHeavy } from "../../../scripts/bench-scale/jobs.js";
import type { Trial } from "../../../scripts/bench-scale/limited-cluster.js";
import { linePlot, niceCeiling } from "../../../scripts/bench-scale/line-plot.js";
import {
  markdownReport,
  plotsOf,
  type ScalingReport,
  terminalReport,
  withFigures,
} from "../../../scripts/bench-scale/scaling-report.js";
import { efficiencyOf, figureOf } from "../../../scripts/bench-scale/series.js";
import { parseSockets, receivedAmong } from "../../../scripts/bench-scale/traffic.js";

const trial = (seconds: number, cpuSeconds: readonly number[], receivedBytes?: readonly number[]): Trial => ({
  seconds,
  cpuSeconds,
  receivedBytes,
  answer: "[]",
});

describe("A figure of some trials", () => {
  it("has their medians, what moved, and who was busy", () => {
    const trials = [trial(10, [1, 2], [300, 100]), trial(20, [2, 3], [0, 0]), trial(16, [1, 2], [600, 200])];
    expect(figureOf(2, trials, 0.25)).toEqual({
      nodes: 2,
      trials: 3,
      seconds: 16,
      cpuSeconds: 3,
      movedBytes: 400,
      mostReceived: 1.5,
      leastBusy: 0.4,
      mostBusy: 0.6,
    });
  });

  it("does not know what moved where a trial does not", () => {
    const { movedBytes, mostReceived } = figureOf(2, [trial(1, [1, 1], [1, 1]), trial(1, [1, 1])], 1);
    expect([movedBytes, mostReceived]).toEqual([null, null]);
  });

  it("is none of trials that answered differently", () => {
    expect(() => figureOf(1, [trial(1, [1]), { ...trial(1, [1]), answer: "[[1]]" }], 1)).toThrow("the answers differ");
  });

  it.each([
    ["fixed", 12.5, 1],
    ["fixed", 25, 0.5],
    ["growing", 100, 1],
    ["growing", 125, 0.8],
  ] as const)("of %s work that takes 8 nodes %d s and one node 100 s has efficiency %d", (work, seconds, expected) => {
    const [first, last] = [figureOf(1, [trial(100, [1])], 1), figureOf(8, [trial(seconds, [1])], 1)];
    expect(efficiencyOf(last, first, work)).toBe(expected);
  });
});

describe("Questions", () => {
  it("are another plan with each call", () => {
    for (const ask of [mapHeavy, largeGroupBy]) expect(ask("*.log")).not.toBe(ask("*.log"));
    expect(asked("SELECT status FROM logs GROUP BY status", "a.log")).toMatch(
      /^SELECT status FROM 'web:a\.log' WHERE status <> \d{4} GROUP BY status$/,
    );
  });
});

const SOCKETS = `0      0      127.0.0.1:1000 127.0.0.1:2000 users:(("node",pid=10,fd=46))
\t bbr wscale:10,10 bytes_sent:5 bytes_received:700 segs_out:2
ESTAB 0 379 127.0.0.1:2000 127.0.0.1:1000 users:(("node",pid=20,fd=33),("node",pid=20,fd=34))
\t bbr wscale:10,10 bytes_received:5
0      0      127.0.0.1:2001 127.0.0.1:9999 users:(("node",pid=20,fd=35))
\t cubic bytes_received:123456
0      0      127.0.0.1:9999 127.0.0.1:2001 users:(("client",pid=30,fd=3))
\t cubic bytes_sent:123456
`;

describe("Traffic", () => {
  it("is read from what the kernel says of each socket", () => {
    expect(parseSockets(SOCKETS).map(({ pid, receivedBytes }) => [pid, receivedBytes])).toEqual([
      [10, 700],
      [20, 5],
      [20, 123456],
      [30, 0],
    ]);
  });

  it("counts only connections that two of the processes have with each other", () => {
    expect([...receivedAmong([10, 20], parseSockets(SOCKETS))]).toEqual([
      [10, 700],
      [20, 5],
    ]);
  });
});

describe("A line plot", () => {
  it.each([
    [0.9, 1],
    [1, 1],
    [1.2, 2],
    [7.4, 10],
    [34, 50],
  ])("has an axis for %d up to %d", (value, expected) => {
    expect(niceCeiling(value)).toBe(expected);
  });

  it("places doubled values of x at equal distances, and escapes its texts", () => {
    const svg = linePlot({
      title: "a < b",
      xTitle: "nodes",
      yTitle: "y",
      ideal: () => 1,
      series: [{ name: "one & all", points: [1, 2, 4].map((x) => ({ x, y: 1 })) }],
    });
    const places = [...svg.matchAll(/<circle cx="([\d.]+)" cy="48\.0"/g)].map(([, x]) => Number(x));
    expect(places).toHaveLength(3);
    expect((places[1] ?? 0) - (places[0] ?? 0)).toBeCloseTo((places[2] ?? 0) - (places[1] ?? 0), 0);
    expect(svg).toContain("a &lt; b");
    expect(svg).toContain("one &amp; all");
  });
});

const REPORT: ScalingReport = {
  conditions: { processor: "2 × some" },
  series: [
    {
      title: "map-heavy",
      work: "fixed",
      figures: [
        figureOf(1, [trial(80, [16])], 0.2),
        figureOf(8, [trial(12.5, Array(8).fill(2.5), Array(8).fill(1024))], 0.2),
      ],
    },
  ],
  bars: [{ name: "efficiency at 8 nodes", bar: "≥ 0.85", figure: "0.80", holds: false }],
  cost: [
    { question: "count by status", contender: "mawk", cores: 1, seconds: 1.5, cpuSeconds: 1.4 },
    { question: "count by status", contender: "8 nodes", cores: 1.76, seconds: 0.5, cpuSeconds: 0.8 },
  ],
};

describe("The scaling report", () => {
  it("shows speed-up, efficiency and processor time beside one node", () => {
    const [line = ""] = terminalReport(REPORT).match(/^8 .*$/m) ?? [];
    expect(line.split(/\s{2,}/)).toEqual([
      "8",
      "12.5 s",
      "6.40",
      "0.80",
      "20.0 s",
      "1.25",
      "8.0 KiB",
      "1.00",
      "100 % to 100 %",
    ]);
  });

  it("says which bars are broken", () => {
    expect(terminalReport(REPORT)).toMatch(/efficiency at 8 nodes\s+≥ 0.85\s+0.80\s+broken/);
  });

  it("replaces the tables of a page, and nothing else of it", () => {
    const page = "# Title\n<!-- figures: written by bench:scale -->\nold\n<!-- end of figures -->\nmore\n";
    const written = withFigures(page, REPORT);
    expect(written).not.toContain("old");
    expect(written).toContain("| mawk | 1 | 1.50 s | 1.40 s |");
    expect(written.endsWith("<!-- end of figures -->\nmore\n")).toBe(true);
    expect(withFigures(written, REPORT)).toBe(written);
    expect(() => withFigures("# Title\n", REPORT)).toThrow(RangeError);
  });

  it("has a table for each series, the tools and the bars", () => {
    expect(markdownReport(REPORT).match(/^### .*$/gm)).toEqual([
      "### map-heavy",
      "### Beside tools without a cluster",
      "### Bars",
    ]);
    expect(Object.keys(plotsOf(REPORT))).toEqual(["speed-up.svg", "efficiency.svg"]);
  });
});
