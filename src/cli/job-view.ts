/** A running job as a person watches it: a bar for its tree, one for its bytes, and one for each node. */

import { displayWidth, fitWidth, safeText } from "../base/safe-text.js";
import type { JobStatus } from "../job/status.js";
import { percent } from "./percent.js";

const BAR_CELLS = 30;
const BYTES_PER_MB = 1_000_000;
const MAX_NODES = 24;
const MAX_NAME_COLUMNS = 20;

/** Speed over the last seconds: the bytes of a job come in spans, and one moment says little. */
const RATE_WINDOW_MS = 5_000;

export class ProgressRate {
  #samples: { readonly atMs: number; readonly bytes: number }[] = [];

  add(atMs: number, bytes: number): void {
    this.#samples.push({ atMs, bytes });
    const from = this.#samples.findLastIndex((sample) => atMs - sample.atMs >= RATE_WINDOW_MS);
    if (from > 0) this.#samples = this.#samples.slice(from);
  }

  /** Bytes a second; undefined while nothing has come. */
  get bytesPerSecond(): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.atMs <= first.atMs || last.bytes <= first.bytes) {
      return undefined;
    }
    return ((last.bytes - first.bytes) * 1000) / (last.atMs - first.atMs);
  }
}

/** The lines to show, none wider than `columns`. */
export function jobView(status: JobStatus, bytesPerSecond: number | undefined, columns: number): readonly string[] {
  const { id, state, sql, chunksDone, chunksTotal, bytesDone, bytesTotal, nodeProgress } = status;
  const shown = nodeProgress.slice(0, MAX_NODES);
  const names = ["spans", "bytes", ...shown.map(({ node }) => safeText(node))];
  const width = Math.min(MAX_NAME_COLUMNS, Math.max(...names.map((name) => displayWidth(name))));
  const line = (name: string, done: number, total: number, text: string): string => {
    const fitted = fitWidth(name, width);
    return `${fitted}${" ".repeat(width - displayWidth(fitted))} ${bar(done, total)} ${text}`;
  };
  const nodes = shown.map(({ node, bytesDone: done, bytesTotal: total }) =>
    line(safeText(node), done, total, `${megabytes(done)} of ${megabytes(total)}`),
  );
  const more = nodeProgress.length - shown.length;
  const lines = [
    `${id} ${state}: ${safeText(sql)}`,
    line("spans", chunksDone, chunksTotal, `${chunksDone} of ${chunksTotal}`),
    line("bytes", bytesDone, bytesTotal, speed(status, bytesPerSecond)),
    ...nodes,
    ...(more > 0 ? [`and ${more} more nodes`] : []),
    summary(status),
  ];
  return lines.map((text) => fitWidth(text, columns));
}

function speed({ state, bytesDone, bytesTotal }: JobStatus, bytesPerSecond: number | undefined): string {
  const done = `${megabytes(bytesDone)} of ${megabytes(bytesTotal)}`;
  if (bytesPerSecond === undefined || state !== "RUNNING") return done;
  const seconds = Math.ceil((bytesTotal - bytesDone) / bytesPerSecond);
  return `${done}, ${megabytes(bytesPerSecond)}/s, ${remaining(seconds)} left`;
}

function summary({ coverage, holders, holdersTotal, copies, missing, error }: JobStatus): string {
  const parts = [`coverage ${percent(coverage)}`, `holders ${holders} of ${holdersTotal}`, `copies ${copies}`];
  if (missing.length > 0) parts.push(`missing ${missing.map(safeText).join(" ")}`);
  if (error !== null) parts.push(safeText(error));
  return parts.join(", ");
}

function bar(done: number, total: number): string {
  const share = total <= 0 ? 1 : Math.min(1, done / total);
  const filled = Math.floor(share * BAR_CELLS);
  return `${"█".repeat(filled)}${"░".repeat(BAR_CELLS - filled)} ${`${Math.floor(share * 100)}`.padStart(3)} %`;
}

const megabytes = (bytes: number): string => `${(bytes / BYTES_PER_MB).toFixed(1)} MB`;

function remaining(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3600 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
