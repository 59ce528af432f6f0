/** Twin of the kernels for times: what each layout means. */

import { unreachable } from "../../../base/assert.js";
import type { TimeLayout } from "../../formats/format.js";
import { parseClfTime } from "./clf-time.js";

export interface ParsedTime {
  /** Microseconds since 1970 UTC. */
  readonly micros: bigint;
  readonly length: number;
}

const CLF_TIME_LENGTH = 26;
const CLOCK = String.raw`(\d\d):(\d\d):(\d\d)`;
const FRACTION = String.raw`(?:[.,](\d+))?`;
const ISO = new RegExp(String.raw`^(\d{4})([-/])(\d\d)\2(\d\d)[Tt \t]${CLOCK}${FRACTION}`);
const ZONE = /^ ?([+-])(\d\d):?(\d\d)/;
const CLF_LOCAL = new RegExp(String.raw`^(\d\d)/([A-Z][a-z]{2})/(\d{4}):${CLOCK}${FRACTION}`);
const CTIME = new RegExp(String.raw`^[\s\S]{3} ([A-Z][a-z]{2}) (\d\d| \d) ${CLOCK}${FRACTION} (\d{4})`);
const SYSLOG = new RegExp(String.raw`^([A-Z][a-z]{2}) (\d\d| \d) ${CLOCK}`);
const EPOCH = /^(\d{1,17})(?!\d)(?:[.,](\d+))?/;
const MAX_EPOCH_SECONDS = 253_402_300_800n;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The time that a text, of one character a byte, begins with; undefined if there is none. */
export function parseTime(layout: TimeLayout, text: string): ParsedTime | undefined {
  if (typeof layout === "object") {
    return "syslog" in layout ? parseSyslog(text, layout.syslog.lastMonth) : parseEpoch(text, layout.epoch);
  }
  switch (layout) {
    case "clf": {
      const micros = parseClfTime(text.slice(0, CLF_TIME_LENGTH));
      return micros === undefined ? undefined : { micros, length: CLF_TIME_LENGTH };
    }
    case "clf-local":
      return parseLocalClf(text);
    case "iso":
      return parseIso(text);
    case "rfc3339":
      return text[10] === "T" ? parseIso(text) : undefined;
    case "ctime":
      return parseCTime(text);
    default:
      return unreachable(layout);
  }
}

function parseIso(text: string): ParsedTime | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [all, year, , month, day, hour, minute, second, fraction] = match;
  const micros = microsOf([year, month, day], [hour, minute, second], fraction);
  if (micros === undefined) return undefined;
  const behind = text.slice(all.length);
  if (/^[Zz]/.test(behind)) return { micros, length: all.length + 1 };
  const [zone = "", sign, zoneHours = "0", zoneMinutes = "0"] = ZONE.exec(behind) ?? [];
  if (Number(zoneHours) > 23 || Number(zoneMinutes) > 59) return { micros, length: all.length };
  const shift = BigInt((Number(zoneHours) * 60 + Number(zoneMinutes)) * 60) * 1_000_000n;
  return { micros: sign === "-" ? micros + shift : micros - shift, length: all.length + zone.length };
}

function parseLocalClf(text: string): ParsedTime | undefined {
  const match = CLF_LOCAL.exec(text);
  if (match === null) return undefined;
  const [all, day, month = "", year, hour, minute, second, fraction] = match;
  const micros = microsOf([year, numberOfMonth(month), day], [hour, minute, second], fraction);
  return micros === undefined ? undefined : { micros, length: all.length };
}

function parseCTime(text: string): ParsedTime | undefined {
  const match = CTIME.exec(text);
  if (match === null) return undefined;
  const [all, month = "", day, hour, minute, second, fraction, year] = match;
  const micros = microsOf([year, numberOfMonth(month), day], [hour, minute, second], fraction);
  return micros === undefined ? undefined : { micros, length: all.length };
}

function parseSyslog(text: string, lastMonth: number): ParsedTime | undefined {
  const match = SYSLOG.exec(text);
  if (match === null) return undefined;
  const [all, monthName = "", day, hour, minute, second] = match;
  const month = Number(numberOfMonth(monthName));
  const lastYear = Math.floor(lastMonth / 12);
  const year = month - 1 <= lastMonth % 12 ? lastYear : lastYear - 1;
  const micros = microsOf([String(year), String(month), day], [hour, minute, second], undefined);
  return micros === undefined ? undefined : { micros, length: all.length };
}

function parseEpoch(text: string, unitsPerSecond: number): ParsedTime | undefined {
  const match = EPOCH.exec(text);
  if (match === null) return undefined;
  const [all, digits = "", fraction] = match;
  const value = BigInt(digits);
  if (value > MAX_EPOCH_SECONDS * BigInt(unitsPerSecond)) return undefined;
  const micros = value * BigInt(1_000_000 / unitsPerSecond);
  return { micros: unitsPerSecond === 1 ? micros + microsOfFraction(fraction) : micros, length: all.length };
}

const numberOfMonth = (name: string): string => String(MONTHS.indexOf(name) + 1);
const microsOfFraction = (digits = ""): bigint => BigInt(digits.slice(0, 6).padEnd(6, "0"));

function microsOf(
  [year, month, day]: readonly (string | undefined)[],
  [hour, minute, second]: readonly (string | undefined)[],
  fraction: string | undefined,
): bigint | undefined {
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (Number(month) < 1 || date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) {
    return undefined;
  }
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  return (BigInt(date.getTime()) + BigInt(seconds * 1000)) * 1000n + microsOfFraction(fraction);
}
