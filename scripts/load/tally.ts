/** What a load test counts: calls and how long they took, jobs of each client, refusals and errors. */

const SHOWN_ERRORS = 5;

export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly most: number;
}

export class Tally {
  refused = 0;
  /** Jobs that were finished, by client. */
  readonly finished: number[];
  readonly #durations = new Map<string, number[]>();
  /** Of the current interval, by kind of call. */
  #recent = new Map<string, number[]>();
  readonly #errors: string[] = [];
  #errorCount = 0;

  constructor(clients: number) {
    this.finished = Array.from({ length: clients }, () => 0);
  }

  took(name: string, durationMs: number): void {
    for (const durations of [this.#durations, this.#recent]) {
      const known = durations.get(name);
      if (known === undefined) durations.set(name, [durationMs]);
      else known.push(durationMs);
    }
  }

  /** Of the calls that ended since this was asked last. */
  takeRecent(): Readonly<Record<string, Percentiles>> {
    const recent = this.#recent;
    this.#recent = new Map();
    return Object.fromEntries([...recent].map(([name, durations]) => [name, percentilesOf(durations)]));
  }

  failed(error: unknown): void {
    this.#errorCount += 1;
    if (this.#errors.length < SHOWN_ERRORS) this.#errors.push(error instanceof Error ? error.message : String(error));
  }

  get errorCount(): number {
    return this.#errorCount;
  }

  /** The first few. */
  get errors(): readonly string[] {
    return this.#errors;
  }

  get jobs(): number {
    return this.finished.reduce((sum, count) => sum + count, 0);
  }

  /** By kind of call, in milliseconds. */
  latencies(): Readonly<Record<string, Percentiles>> {
    return Object.fromEntries([...this.#durations].map(([name, durations]) => [name, percentilesOf(durations)]));
  }
}

/** By nearest rank. */
export function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((left, right) => left - right);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { count: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), most: at(1) };
}

/**
 * How evenly clients were served: 1 if all had the same, 1/n if one of n had everything (Jain, Chiu, Hawe, 1984).
 */
export function fairnessOf(counts: readonly number[]): number {
  const sum = counts.reduce((total, count) => total + count, 0);
  const squares = counts.reduce((total, count) => total + count * count, 0);
  return squares === 0 ? Number.NaN : (sum * sum) / (counts.length * squares);
}
