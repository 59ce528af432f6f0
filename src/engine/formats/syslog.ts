/**
 * Syslog, old (RFC 3164) and new (RFC 5424). Old times have no year and no zone: they are taken as UTC, and as the latest
 * that lies in or before a month that is part of the format's text, `syslog:2024-11`. For a file it is that of the day
 * after its last change.
 */

import { type FieldOperation, type Format, fieldsNamed, type TimeLayout } from "./format.js";
import { FormatError } from "./format-error.js";

const PRIORITY: FieldOperation = { kind: "between", open: "<", close: ">", field: "priority" };
const BEHIND_APP: readonly FieldOperation[] = [
  { kind: "between", open: "[", close: "]", field: "pid" },
  { kind: "between", open: ":", close: " ", field: null },
  { kind: "spaces" },
  { kind: "rest", field: "message" },
];
const NAMES = ["time", "host", "app", "pid", "severity", "facility", "message"];

function oldSyslog(name: string, description: string, layout: TimeLayout): Format {
  return {
    name,
    description,
    required: [
      PRIORITY,
      { kind: "time", layout, field: "time" },
      { kind: "literal", text: " " },
      { kind: "until", delimiter: " ", field: "host" },
      { kind: "spaces" },
      { kind: "until-any", delimiters: "[: ", field: "app" },
    ],
    optional: BEHIND_APP,
    derivations: [{ kind: "priority", from: "priority", severity: "severity", facility: "facility" }],
    fields: fieldsNamed(...NAMES),
  };
}

const DAY_MS = 86_400_000;

/** The text of the format for a file that was last written at a time. */
export function syslogText(referenceMs: number): string {
  return `syslog:${new Date(referenceMs + DAY_MS).toISOString().slice(0, 7)}`;
}

/** `month`: such as `2024-11`. Throws a {@link FormatError}. */
export function syslogUpTo(month: string): Format {
  const [, year, monthOfYear] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(month) ?? [];
  if (year === undefined || monthOfYear === undefined) {
    throw new FormatError(
      "bad-text",
      `"syslog:${month}" has no month such as 2024-11: the last that a time may lie in`,
    );
  }
  const lastMonth = Number(year) * 12 + Number(monthOfYear) - 1;
  return oldSyslog(`syslog:${month}`, "syslog, RFC 3164", { syslog: { lastMonth } });
}

export const SYSLOG_ISO: Format = oldSyslog("syslog-iso", "syslog as RFC 3164, with times of RFC 3339", "rfc3339");

export const SYSLOG_5424: Format = {
  name: "syslog5424",
  description: "syslog, RFC 5424",
  required: [
    { kind: "literal", text: "<" },
    { kind: "until", delimiter: ">", field: "priority" },
    { kind: "literal", text: "1 " },
    { kind: "time", layout: "iso", field: "time" },
    { kind: "literal", text: " " },
    { kind: "until", delimiter: " ", field: "host" },
    { kind: "until", delimiter: " ", field: "app" },
    { kind: "until", delimiter: " ", field: "pid" },
    { kind: "until", delimiter: " ", field: "message_id" },
    { kind: "structured-data", field: "structured_data" },
  ],
  optional: [
    { kind: "literal", text: " " },
    { kind: "rest", field: "message" },
  ],
  derivations: [{ kind: "priority", from: "priority", severity: "severity", facility: "facility" }],
  fields: fieldsNamed(...NAMES, "message_id", "structured_data"),
};
