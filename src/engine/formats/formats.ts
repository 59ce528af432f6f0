/**
 * The known formats. A format is data, a field program and the names and types of its fields; the kernels run it, and a
 * plain twin in `kernels/twins/` says what it means. Formats that depend on a file are made from text that says all.
 */

import { nearestName } from "../sql/nearest-name.js";
import { COMBINED, COMMON, TRAEFIK, VCOMBINED, VCOMMON } from "./access-log.js";
import { AWS_ALB, AWS_ELB, AWS_S3, CLOUD_STORAGE, CLOUDFRONT } from "./cloud-logs.js";
import { containerFormat } from "./container-logs.js";
import { APACHE_ERROR, LOG4J, NGINX_ERROR } from "./error-logs.js";
import type { FieldSpec, Format } from "./format.js";
import { FormatError } from "./format-error.js";
import { PLAIN } from "./plain.js";
import { CADDY, HAPROXY, SQUID } from "./proxy-logs.js";
import { recordFormat, recordSpecOf } from "./record-formats.js";
import { SYSLOG_5424, SYSLOG_ISO, syslogUpTo } from "./syslog.js";
import { templateFormat } from "./template.js";
import { w3cFormat } from "./w3c.js";

export type { FieldSpec, Format } from "./format.js";

/** Formats that are the same for every file; of those that read a line equally well, the first is taken. */
export const FORMATS: readonly Format[] = [
  ...[TRAEFIK, VCOMBINED, VCOMMON, COMBINED, COMMON],
  ...[AWS_ALB, AWS_ELB, AWS_S3, CLOUDFRONT, CLOUD_STORAGE, SQUID, HAPROXY, CADDY],
  ...[NGINX_ERROR, APACHE_ERROR, LOG4J, SYSLOG_5424, SYSLOG_ISO],
  PLAIN,
];

/** Formats of which a file's beginning, or its time, tells the rest. */
export const SAMPLED_FORMATS: readonly { readonly name: string; readonly description: string }[] = [
  { name: "json", description: "JSON lines: every key is a field, nested ones as a.b" },
  { name: "logfmt", description: "key=value pairs: every key is a field" },
  { name: "csv", description: "comma-separated values with a header" },
  { name: "tsv", description: "tab-separated values with a header" },
  { name: "w3c", description: "W3C extended log format, as IIS writes it, with a #Fields line" },
  { name: "syslog", description: "syslog, RFC 3164; the year is that of the file" },
  { name: "docker", description: "Docker's json-file around any other, such as docker:combined" },
  { name: "cri", description: "Kubernetes' CRI log around any other, such as cri:json" },
];

const byName: ReadonlyMap<string, Format> = new Map(FORMATS.map((format) => [format.name, format]));
/** Formats made from texts, kept since every batch of ranges asks for them again. */
const made = new Map<string, Format>();
const MAX_MADE = 256;

/**
 * The format of a name or a text: a known name in any case, a template, or what {@link FORMATS} and the sample of a file
 * made. Throws a {@link FormatError}.
 */
export function formatByName(text: string): Format {
  const known = byName.get(text) ?? made.get(text) ?? byName.get(text.toLowerCase());
  if (known !== undefined) return known;
  const format = formatOfText(text);
  if (made.size >= MAX_MADE) made.clear();
  made.set(text, format);
  return format;
}

function formatOfText(text: string): Format {
  const spec = recordSpecOf(text);
  if (spec !== undefined) return recordFormat(spec);
  if (text.startsWith("syslog:")) return syslogUpTo(text.slice("syslog:".length));
  if (text.startsWith("w3c:")) return w3cFormat(text.slice("w3c:".length));
  const [, kind, inner] = /^(docker|cri):(.*)$/s.exec(text) ?? [];
  if (inner !== undefined) return containerFormat(kind === "docker" ? "docker" : "cri", formatByName(inner));
  if (/[$%]/.test(text)) return templateFormat(text);
  const sampled = SAMPLED_FORMATS.find(({ name }) => name === text.toLowerCase());
  if (sampled !== undefined) {
    throw new FormatError(
      "needs-sample",
      `The fields of "${text}" are those of a file, and there is none to look at here`,
    );
  }
  const names = [...FORMATS, ...SAMPLED_FORMATS].map(({ name }) => name);
  const nearest = nearestName(text, names);
  const hint = nearest === undefined ? "" : `did you mean "${nearest}"? `;
  throw new FormatError(
    "unknown-format",
    `No format is called "${text}"; ${hint}there are ${names.join(", ")}, and templates such as '%h %l %u %t "%r" %s %b'`,
  );
}

/** A field of a format by its name; undefined if it has none of that name. */
export const fieldOf = (format: Format, name: string): FieldSpec | undefined =>
  format.fields.find((field) => field.name === name);

/** A format's name without what a file told: `json`, `docker:combined`. */
export function shortName(text: string): string {
  const [, kind, inner] = /^(docker|cri):(.*)$/s.exec(text) ?? [];
  if (inner !== undefined) return `${kind}:${shortName(inner)}`;
  const { delimiter, kind: record } = recordSpecOf(text) ?? {};
  if (record !== undefined) return delimiter === "\t" ? "tsv" : record;
  return /^(?:syslog|w3c):/.exec(text)?.[0].slice(0, -1) ?? text;
}
