/** Which format a file has, judged by the lines of a sample from its beginning. */

import { markBytes } from "../byte-order-mark.js";
import { runFieldProgram } from "../kernels/twins/field-program.js";
import { splitLines } from "../kernels/twins/lines.js";
import { type ContainerKind, unwrapLines } from "./container-logs.js";
import type { Format } from "./format.js";
import { FormatError } from "./format-error.js";
import { FORMATS, formatByName, SAMPLED_FORMATS, shortName } from "./formats.js";
import { inferCsv, inferJson, inferLogfmt } from "./infer-records.js";
import { PLAIN } from "./plain.js";
import { type RecordSpec, recordText } from "./record-formats.js";
import { syslogText } from "./syslog.js";
import { w3cText } from "./w3c.js";

export interface DetectedFormat {
  /** A text that `formatByName` takes. */
  readonly format: string;
  /** Lines of the sample that were looked at, and how many of them are rows of the format. */
  readonly lines: number;
  readonly parsed: number;
  /** What spoke for it, and what else was near; found out when it is asked for. */
  readonly reason: () => string;
}

/** The beginning of a file, and when it was last written; the year of times without one depends on that. */
export interface FormatSample {
  readonly bytes: Uint8Array;
  readonly referenceMs: number;
}

interface Fit {
  readonly text: string;
  readonly parsed: number;
  /** Rows that also have what is optional. */
  readonly whole: number;
}

/** Lines that are held against every format, without remarks. */
const JUDGED_LINES = 100;
/** A format that reads none of so many is not tried on. */
const HOPELESS_LINES = 25;
/** Named beside the one that was found. */
const NEAR_FORMATS = 3;

/**
 * The format that most lines of the sample have; `plain` if fewer than half have any. Among equals the one whose optional
 * fields are there, then the more specific one.
 */
export function detectFormat(sample: FormatSample): DetectedFormat {
  return detectOfLines(sampleLines(sample.bytes), sample.referenceMs);
}

function detectOfLines(lines: readonly Uint8Array[], referenceMs: number): DetectedFormat {
  const judged = lines.filter((line) => !isRemark(line)).slice(0, JUDGED_LINES);
  const plain = { format: PLAIN.name, lines: judged.length, parsed: judged.length };
  if (judged.length === 0) {
    const format = w3cText(lines) ?? PLAIN.name;
    return { ...plain, format, reason: () => "there are no lines to judge by" };
  }
  const best = bestFit(candidateTexts(lines, referenceMs), judged);
  if (best === undefined || best.parsed * 2 < judged.length) {
    const nearest = best === undefined ? "none" : `${shortName(best.text)} with ${best.parsed} of ${judged.length}`;
    return { ...plain, reason: () => `no format reads half of the first lines; nearest: ${nearest}` };
  }
  return {
    format: best.text,
    lines: judged.length,
    parsed: best.parsed,
    reason: () => {
      const others = allFits(candidateTexts(lines, referenceMs), judged).filter(({ text }) => text !== best.text);
      const near = others.slice(0, NEAR_FORMATS).map(({ text, parsed }) => `${shortName(text)} ${parsed}`);
      const also = near.length === 0 ? "" : `; others: ${near.join(", ")}`;
      return `reads ${best.parsed} of the first ${judged.length} lines${also}`;
    },
  };
}

/** Empty lines and those that begin with `#`, such as the directives of W3C: rows of no format, and no proof against one. */
const isRemark = (line: Uint8Array): boolean => line.length === 0 || line[0] === 0x23;

const isWhole = ({ whole, parsed }: Fit): boolean => whole * 2 >= parsed;

/** Negative where `left` is better; equals keep their order. */
const compareFits = (left: Fit, right: Fit): number =>
  right.parsed - left.parsed || Number(isWhole(right)) - Number(isWhole(left));

const allFits = (texts: Iterable<string>, lines: readonly Uint8Array[]): readonly Fit[] =>
  [...texts]
    .map((text) => fitOf(text, lines, 0))
    .filter(({ parsed }) => parsed > 0)
    .sort(compareFits);

/**
 * The first of {@link allFits}, without trying on what cannot be better than what was found: a query is small work beside
 * its detection where everything is tried.
 */
function bestFit(texts: Iterable<string>, lines: readonly Uint8Array[]): Fit | undefined {
  let best: Fit | undefined;
  for (const text of texts) {
    const fit = fitOf(text, lines, best?.parsed ?? 1);
    if (fit.parsed > 0 && (best === undefined || compareFits(fit, best) < 0)) best = fit;
    if (best?.parsed === lines.length && isWhole(best)) break;
  }
  return best;
}

/** All lines of a sample. One that the sample's end may have cut is left out, unless it is the only one. */
function sampleLines(bytes: Uint8Array): readonly Uint8Array[] {
  const lines = splitLines(bytes.subarray(markBytes(bytes)));
  const isCut = bytes.length > 0 && bytes[bytes.length - 1] !== 0x0a;
  return isCut && lines.length > 1 ? lines.slice(0, -1) : lines;
}

/** The formats to try, the more specific first. Each is worked out when it is its turn. */
function* candidateTexts(lines: readonly Uint8Array[], referenceMs: number): Iterable<string> {
  for (const kind of ["docker", "cri"] as const) yield* told(containerText(kind, lines, referenceMs));
  yield* told(w3cText(lines));
  for (const format of FORMATS) if (format !== PLAIN) yield format.name;
  yield syslogText(referenceMs);
  yield* told(textOf(inferJson(lines)));
  yield* told(textOf(inferLogfmt(lines)));
  for (const delimiter of ["\t", ",", ";"]) yield* told(textOf(inferCsv(lines, delimiter)));
}

const told = (text: string | undefined): readonly string[] => (text === undefined ? [] : [text]);

const textOf = (spec: RecordSpec | undefined): string | undefined =>
  spec === undefined ? undefined : recordText(spec);

function containerText(kind: ContainerKind, lines: readonly Uint8Array[], referenceMs: number): string | undefined {
  const first = lines.slice(0, HOPELESS_LINES);
  if (unwrapLines(kind, first).length * 2 < first.length) return undefined;
  const inner = unwrapLines(kind, lines);
  return inner.length * 2 < lines.length ? undefined : `${kind}:${detectOfLines(inner, referenceMs).format}`;
}

/** How many lines a format reads; of one that reads fewer than `least`, some number below that. */
function fitOf(text: string, lines: readonly Uint8Array[], least: number): Fit {
  const format: Format = formatByName(text);
  let parsed = 0;
  let whole = 0;
  for (const [index, line] of lines.entries()) {
    if (parsed === 0 && index === HOPELESS_LINES) break;
    if (parsed + lines.length - index < least) break;
    const row = runFieldProgram(format, line);
    if (row === undefined) continue;
    parsed += 1;
    if (row.isWhole) whole += 1;
  }
  return { text, parsed, whole };
}

/**
 * The text of the format that was asked for, as a file has it: a name whose fields only the file tells becomes a text that
 * tells them; without one the format is detected. Throws a {@link FormatError} for what is no format, or not this file's.
 */
export function resolveFormat(
  asked: string | undefined,
  sample: FormatSample,
): Pick<DetectedFormat, "format" | "reason"> {
  if (asked === undefined) return detectFormat(sample);
  const format = resolveOfLines(asked, sampleLines(sample.bytes), sample.referenceMs);
  return { format, reason: () => "as asked" };
}

function resolveOfLines(asked: string, lines: readonly Uint8Array[], referenceMs: number): string {
  const name = asked.toLowerCase();
  const [, kind, inner] = /^(docker|cri)(?::(.*))?$/is.exec(asked) ?? [];
  if (kind !== undefined) {
    const container = kind.toLowerCase() === "docker" ? "docker" : "cri";
    const within = unwrapLines(container, lines);
    const text =
      inner === undefined ? detectOfLines(within, referenceMs).format : resolveOfLines(inner, within, referenceMs);
    return formatByName(`${container}:${text}`).name;
  }
  if (!SAMPLED_FORMATS.some((format) => format.name === name)) return formatByName(asked).name;
  if (name === "syslog") return syslogText(referenceMs);
  const text = sampledText(name, lines);
  if (text !== undefined) return text;
  if (lines.length === 0) return PLAIN.name;
  throw new FormatError(
    "needs-sample",
    `The beginning of the file does not tell the fields of ${name}; try logmr detect`,
  );
}

function sampledText(name: string, lines: readonly Uint8Array[]): string | undefined {
  if (name === "w3c") return w3cText(lines);
  return textOf(
    name === "json"
      ? inferJson(lines)
      : name === "logfmt"
        ? inferLogfmt(lines)
        : inferCsv(lines, name === "tsv" ? "\t" : ","),
  );
}

/**
 * The text of the format that was asked for, where only what was detected of the file is at hand. Throws a
 * {@link FormatError} if the fields of that format are not known, since another was detected.
 */
export function overrideFormat(asked: string, detected: string): string {
  const short = shortName(detected);
  const name = asked.toLowerCase();
  return short === name || short.startsWith(`${name}:`) ? detected : formatByName(asked).name;
}
