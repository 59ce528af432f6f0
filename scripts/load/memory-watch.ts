/**
 * Memory of some processes over time: what is theirs alone. Pages of files that they have mapped, as a node its store, are the
 * system's, which takes them back when somebody needs the room; how many there are is told apart.
 */

import { readFileSync } from "node:fs";
import { median } from "../bench/measure.js";

const EVERY_MS = 2_000;
/** Growth is that of the median over so long a time. */
const WINDOW_MS = 30_000;

interface Sample {
  readonly atMs: number;
  readonly bytes: number;
  /** With the pages of files. */
  readonly residentBytes: number;
}

export class MemoryWatch {
  readonly #samples: ReadonlyMap<number, Sample[]>;
  readonly #timer: NodeJS.Timeout;

  constructor(pids: readonly number[]) {
    this.#samples = new Map(pids.map((pid) => [pid, []]));
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
    this.#look();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  get mostBytes(): number {
    return Math.max(...[...this.#samples.values()].flat().map(({ bytes }) => bytes));
  }

  get mostResidentBytes(): number {
    return Math.max(...[...this.#samples.values()].flat().map(({ residentBytes }) => residentBytes));
  }

  /** What the process that grew most has at the end, over what it had after `warmUpMs`; NaN before there is either. */
  growthSince(warmUpMs: number): number {
    return Math.max(...[...this.#samples.values()].map((samples) => growthOf(samples, warmUpMs)));
  }

  /** The same with pages of files. */
  residentGrowthSince(warmUpMs: number): number {
    const resident = (samples: readonly Sample[]) => samples.map(({ atMs, residentBytes: bytes }) => ({ atMs, bytes }));
    return Math.max(...[...this.#samples.values()].map((samples) => growthOf(resident(samples), warmUpMs)));
  }

  /** Mebibytes of all processes together, a value for each look. */
  series(): readonly number[] {
    const all = [...this.#samples.values()];
    const looks = Math.min(...all.map((samples) => samples.length));
    return Array.from({ length: looks }, (_, look) => {
      const bytes = all.reduce((sum, samples) => sum + (samples[look]?.bytes ?? 0), 0);
      return Math.round(bytes / 1024 ** 2);
    });
  }

  #look(): void {
    const atMs = performance.now();
    for (const [pid, samples] of this.#samples) {
      const memory = memoryOf(pid);
      if (memory !== undefined) samples.push({ atMs, ...memory });
    }
  }
}

export function growthOf(samples: readonly Pick<Sample, "atMs" | "bytes">[], warmUpMs: number): number {
  const [startMs = 0, endMs = 0] = [samples[0]?.atMs, samples.at(-1)?.atMs];
  const between = (fromMs: number, toMs: number): number =>
    median(samples.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs).map(({ bytes }) => bytes));
  const firstMs = startMs + warmUpMs;
  if (endMs - WINDOW_MS < firstMs) return Number.NaN;
  return between(endMs - WINDOW_MS, endMs) / between(firstMs, firstMs + WINDOW_MS);
}

/** Undefined for a process that has ended. */
function memoryOf(pid: number): Omit<Sample, "atMs"> | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const bytesOf = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? Number.NaN) * 1024;
    const residentBytes = bytesOf("VmRSS");
    return Number.isNaN(residentBytes) ? undefined : { bytes: residentBytes - bytesOf("RssFile"), residentBytes };
  } catch {
    return undefined;
  }
}
