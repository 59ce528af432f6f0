/** The report as JSON, for programs: figures unrounded, integers with all their digits, times in ISO 8601 UTC. */

import { isoTime } from "./figures.js";
import type { AccessReport } from "./report-model.js";

/** Indented JSON with a newline at its end: `{summary: {…}, panels: [{id, title, kind, distinct, rows: […]}]}`. */
export function renderJson(report: AccessReport): string {
  const { firstTime, lastTime, ...summary } = report.summary;
  const times = {
    firstTime: firstTime === null ? null : isoTime(firstTime),
    lastTime: lastTime === null ? null : isoTime(lastTime),
  };
  return `${jsonText({ summary: { ...summary, ...times }, panels: report.panels }, "")}\n`;
}

/** As `JSON.stringify` does, with bigints as numbers and lists of plain values on one line. */
function jsonText(value: unknown, indent: string): string {
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.every((item) => item === null || typeof item !== "object")) {
      return `[${value.map((item) => jsonText(item, "")).join(", ")}]`;
    }
    return `[\n${value.map((item) => deeper + jsonText(item, deeper)).join(",\n")}\n${indent}]`;
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  const lines = entries.map(([key, item]) => `${deeper}${JSON.stringify(key)}: ${jsonText(item, deeper)}`);
  return lines.length === 0 ? "{}" : `{\n${lines.join(",\n")}\n${indent}}`;
}
