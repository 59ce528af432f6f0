/** The report as text for a terminal: aligned columns, bars, and colours where the terminal has them. */

import { displayWidth, fitWidth, safeText } from "../base/safe-text.js";
import { formatBytes, formatCount, formatShare, formatTime } from "./figures.js";
import type { AccessReport, Panel, PanelRow, ReportSummary } from "./report-model.js";
import { bar, leftAligned, rightAligned, sparkline } from "./terminal-text.js";

export interface TerminalOptions {
  /** Cells of a line; at least {@link NARROWEST} are used. */
  readonly width: number;
  readonly colors: boolean;
}

const NARROWEST = 72;
const WIDEST = 140;

const STYLES = {
  title: "1",
  dim: "2",
  bar: "34",
  good: "32",
  moved: "36",
  warning: "33",
  failure: "31",
} as const;
type Style = keyof typeof STYLES;

type Paint = (style: Style, text: string) => string;

/** The whole report, lines ended by newlines. */
export function renderTerminal(report: AccessReport, options: TerminalOptions): string {
  const width = Math.max(NARROWEST, Math.min(WIDEST, options.width));
  const paint: Paint = (style, text) => (options.colors ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text);
  const blocks = [
    summaryLines(report.summary, width, paint),
    ...report.panels
      .filter((panel) => panel.rows.length > 0)
      .map((panel) => panelLines(panel, remarkOn(panel, report.summary), width, paint)),
  ];
  return `${blocks.map((lines) => lines.map((line) => line.trimEnd()).join("\n")).join("\n\n")}\n`;
}

function summaryLines(summary: ReportSummary, width: number, paint: Paint): readonly string[] {
  const { files, requests, firstTime, lastTime } = summary;
  const lines = [rule("Access report", filesText(files), width, paint)];
  if (firstTime !== null && lastTime !== null) {
    lines.push(paint("dim", `${formatTime(firstTime)} to ${formatTime(lastTime)}`));
  }
  lines.push("");
  const ofRequests = (count: number): string =>
    `${formatCount(count)}${requests === 0 ? "" : ` (${formatShare(count / requests)})`}`;
  const unparsedStyle: Style = summary.unparsed > 0 ? "warning" : "dim";
  const cells: readonly (readonly [string, string, Style?])[] = [
    ["Requests", formatCount(requests)],
    ["Transferred", formatBytes(summary.transferred)],
    ["Hosts", formatCount(summary.hosts)],
    ["URLs", formatCount(summary.urls)],
    ["Client errors", ofRequests(summary.statusClasses["4xx"] ?? 0), "warning"],
    ["Server errors", ofRequests(summary.statusClasses["5xx"] ?? 0), "failure"],
    ["Log size", formatBytes(summary.logBytes)],
    ["Unparsed lines", `${formatCount(summary.unparsed)} of ${formatCount(summary.lines)}`, unparsedStyle],
  ];
  const cellWidth = Math.floor((width - 2) / 2);
  const rendered = cells.map(([name, value, style]) => {
    const text = leftAligned(`${leftAligned(name, 16)}${value}`, cellWidth);
    return style === undefined ? text : text.slice(0, 16) + paint(style, text.slice(16));
  });
  for (let index = 0; index < rendered.length; index += 2) {
    lines.push(`${rendered[index]}  ${rendered[index + 1] ?? ""}`);
  }
  return lines;
}

function filesText(files: readonly string[]): string {
  if (files.length === 1) return files[0] === "-" ? "standard input" : safeText(files[0] ?? "");
  return `${files.length} files`;
}

/** A title, a remark, and a line to the right edge. */
function rule(title: string, remark: string, width: number, paint: Paint): string {
  const fitting = fitWidth(remark, width - displayWidth(title) - 6);
  const space = width - displayWidth(title) - displayWidth(fitting) - 2 - (fitting === "" ? 0 : 1);
  return [paint("title", title), fitting, paint("dim", "─".repeat(Math.max(2, space)))]
    .filter((part) => part !== "")
    .join(" ");
}

function remarkOn(panel: Panel, { statusClasses, requests }: ReportSummary): string {
  if (panel.id === "status") {
    const classes = Object.entries(statusClasses).map(([name, hits]) => `${name} ${formatShare(hits / requests)}`);
    return classes.join(" · ");
  }
  const listed = panel.rows.length;
  return listed < panel.distinct ? `${listed} of ${formatCount(panel.distinct)}` : "";
}

function panelLines(panel: Panel, remark: string, width: number, paint: Paint): readonly string[] {
  const columns = columnsOf(panel, width);
  const header = `${figures(columns, "hits", "%", "bytes")}  ${columns.barTitle}`;
  return [
    rule(panel.title, remark, width, paint),
    paint("dim", header),
    ...panel.rows.map((row) => rowLine(panel, row, columns, paint)),
  ];
}

interface Columns {
  readonly hits: number;
  readonly bytes: number;
  readonly label: number;
  readonly bar: number;
  readonly barTitle: string;
  readonly highest: number;
}

const SHARE_WIDTH = 7;
const HOURS_PER_DAY = 24;
const RANKING_BAR_WIDTH = 10;
const SHORTEST_BAR_WIDTH = 8;

/** Labels of a timeline or table are short and stand before the bar; those of a ranking take what is left of the line. */
function columnsOf(panel: Panel, width: number): Columns {
  const widest = (texts: readonly string[]): number => Math.max(...texts.map(displayWidth));
  const hits = widest(["hits", ...panel.rows.map((row) => formatCount(row.hits))]);
  const bytes = widest(["bytes", ...panel.rows.map((row) => formatBytes(row.bytes))]);
  const rest = width - hits - SHARE_WIDTH - bytes - 6;
  const hourly = panel.rows.some((row) => row.hours !== undefined);
  const highest = Math.max(1, ...panel.rows.flatMap((row) => (hourly ? (row.hours ?? []) : [row.hits])));
  if (panel.kind === "ranking") {
    return { hits, bytes, bar: RANKING_BAR_WIDTH, label: rest - RANKING_BAR_WIDTH - 2, barTitle: "", highest };
  }
  const label = Math.min(widest(panel.rows.map(labelText)), rest - SHORTEST_BAR_WIDTH - 2);
  const barTitle = hourly ? `${" ".repeat(label)}  00h   06h   12h   18h` : "";
  return { hits, bytes, label, bar: hourly ? HOURS_PER_DAY : rest - label - 2, barTitle, highest };
}

function figures(columns: Columns, hits: string, share: string, bytes: string): string {
  const { hits: hitsWidth, bytes: bytesWidth } = columns;
  return `${rightAligned(hits, hitsWidth)}  ${rightAligned(share, SHARE_WIDTH)}  ${rightAligned(bytes, bytesWidth)}`;
}

function rowLine(panel: Panel, row: PanelRow, columns: Columns, paint: Paint): string {
  const start = figures(columns, formatCount(row.hits), formatShare(row.share), formatBytes(row.bytes));
  const graph =
    row.hours === undefined ? bar(row.hits / columns.highest, columns.bar) : sparkline(row.hours, columns.highest);
  const label = leftAligned(labelText(row), columns.label);
  if (panel.kind === "ranking") return `${start}  ${paint("bar", leftAligned(graph, columns.bar))}  ${label}`;
  if (panel.id !== "status") return `${start}  ${label}  ${paint("bar", graph)}`;
  const style = statusStyle(row.label ?? "");
  return `${start}  ${paint(style, label)}  ${paint(style, graph)}`;
}

function labelText(row: PanelRow): string {
  const label = row.label === null ? "(none)" : safeText(row.label);
  return row.note === undefined || row.note === "" ? label : `${label} ${row.note}`;
}

function statusStyle(code: string): Style {
  switch (code.charAt(0)) {
    case "2":
      return "good";
    case "3":
      return "moved";
    case "4":
      return "warning";
    case "5":
      return "failure";
    default:
      return "dim";
  }
}
