/** What the scaling benchmark shows: tables for the terminal and for Markdown, plots, and all figures as JSON. */

import { formatByteSize } from "../../src/base/byte-size.js";
import { textTable } from "../bench/text-table.js";
import type { CostFigure } from "./cost.js";
import { linePlot } from "./line-plot.js";
import type { Bar, Series } from "./parts.js";
import { efficiencyOf, type Figure } from "./series.js";

export interface ScalingReport {
  /** Such as the processor, and what each node is given of it. */
  readonly conditions: Readonly<Record<string, string | number>>;
  readonly series: readonly Series[];
  readonly bars: readonly Bar[];
  readonly cost: readonly CostFigure[];
}

interface Table {
  readonly title: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const SERIES_HEADER = ["nodes", "time", "speed-up", "efficiency", "CPU", "beside one", "moved", "most : mean", "busy"];

const seconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} s`;
const ratio = (value: number | null): string => (value === null || Number.isNaN(value) ? "" : value.toFixed(2));
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

function seriesTable({ title, work, figures }: Series, lone: Figure | undefined): Table {
  const first = figures.find(({ nodes }) => nodes === 1) ?? lone ?? figures[0];
  const rows = figures.map((figure) => {
    const efficiency = first === undefined ? Number.NaN : efficiencyOf(figure, first, work);
    // Of work that grows, each node has what the lone one had.
    const cpu = figure.cpuSeconds / (first?.cpuSeconds ?? Number.NaN) / (work === "growing" ? figure.nodes : 1);
    return [
      `${figure.nodes}`,
      seconds(figure.seconds),
      ratio(efficiency * figure.nodes),
      ratio(efficiency),
      seconds(figure.cpuSeconds),
      ratio(cpu),
      figure.movedBytes === null ? "" : formatByteSize(Math.round(figure.movedBytes)),
      ratio(figure.mostReceived),
      `${percent(figure.leastBusy)} to ${percent(figure.mostBusy)}`,
    ];
  });
  return { title, header: SERIES_HEADER, rows };
}

function costTable(cost: readonly CostFigure[]): Table {
  const questions = [...new Set(cost.map(({ question }) => question))];
  const competitors = [...new Set(cost.map(({ contender, cores }) => `${contender}\t${cores}`))];
  const rows = competitors.map((key) => {
    const [name = "", cores = ""] = key.split("\t");
    const figures = questions.map((question) =>
      cost.find((one) => one.question === question && `${one.contender}\t${one.cores}` === key),
    );
    const cells = figures.flatMap((figure) =>
      figure === undefined ? ["", ""] : [seconds(figure.seconds), seconds(figure.cpuSeconds)],
    );
    return [name, Number(Number(cores).toFixed(2)).toString(), ...cells];
  });
  const header = ["", "cores", ...questions.flatMap((question) => [question, "CPU"])];
  return { title: "Beside tools without a cluster", header, rows };
}

function tablesOf({ series, bars, cost }: ScalingReport): readonly Table[] {
  const lone = series[0]?.figures.find(({ nodes }) => nodes === 1);
  return [
    ...series.map((one) => seriesTable(one, lone)),
    ...(cost.length === 0 ? [] : [costTable(cost)]),
    {
      title: "Bars",
      header: ["", "bar", "measured", ""],
      rows: bars.map(({ name, bar, figure, holds }) => [name, bar, figure, holds ? "holds" : "broken"]),
    },
  ];
}

export function terminalReport(report: ScalingReport): string {
  const conditions = Object.entries(report.conditions).map(([name, value]) => `${name}: ${value}`);
  const tables = tablesOf(report).map(({ title, header, rows }) => `${title}\n\n${textTable(header, rows)}`);
  return `${conditions.join("; ")}\n\n${tables.join("\n\n")}\n`;
}

export function markdownReport(report: ScalingReport): string {
  const conditions = Object.entries(report.conditions).map(([name, value]) => `- ${name}: ${value}`);
  const tables = tablesOf(report).map(({ title, header, rows }) => {
    const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
    return [`### ${title}`, "", line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
  });
  const plots = Object.keys(plotsOf(report)).map((name) => `![${name.replace(".svg", "")}](scaling/${name})`);
  return `${[conditions.join("\n"), ...plots, ...tables].join("\n\n")}\n`;
}

/** Puts the tables between the two marks of a page. Throws a RangeError for a page without them. */
export function withFigures(page: string, report: ScalingReport): string {
  const begin = page.indexOf(FIGURES_BEGIN);
  const end = page.indexOf(FIGURES_END);
  if (begin < 0 || end < begin) throw new RangeError(`the page lacks ${FIGURES_BEGIN} and ${FIGURES_END}`);
  return `${page.slice(0, begin + FIGURES_BEGIN.length)}\n\n${markdownReport(report)}\n${page.slice(end)}`;
}

const FIGURES_BEGIN = "<!-- figures: written by bench:scale -->";
const FIGURES_END = "<!-- end of figures -->";

/** By file name. */
export function plotsOf({ series }: ScalingReport): Readonly<Record<string, string>> {
  const lone = series[0]?.figures.find(({ nodes }) => nodes === 1);
  const plotted = series.flatMap(({ title, work, figures }) => {
    const first = figures.find(({ nodes }) => nodes === 1) ?? lone;
    if (first === undefined) return [];
    return [
      { name: title, figures: figures.map((one) => ({ nodes: one.nodes, value: efficiencyOf(one, first, work) })) },
    ];
  });
  if (plotted.length === 0) return {};
  const points = (pick: (nodes: number, efficiency: number) => number) =>
    plotted.map(({ name, figures }) => ({
      name,
      points: figures.map(({ nodes, value }) => ({ x: nodes, y: pick(nodes, value) })),
    }));
  return {
    "speed-up.svg": linePlot({
      title: "Speed-up over one node",
      xTitle: "nodes",
      yTitle: "times as much in the same time",
      ideal: (nodes) => nodes,
      series: points((nodes, efficiency) => nodes * efficiency),
    }),
    "efficiency.svg": linePlot({
      title: "Efficiency",
      xTitle: "nodes",
      yTitle: "speed-up, for each node",
      ideal: () => 1,
      series: points((_, efficiency) => efficiency),
    }),
  };
}
