/** When requests come: day and night, calm weekends, and incidents in which the servers fail. */

import type { SeededRandom } from "./random.js";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Relative traffic of each hour of a day, UTC. */
const HOUR_WEIGHTS = [
  30, 22, 17, 15, 16, 22, 38, 62, 88, 104, 110, 112, 106, 108, 112, 110, 104, 98, 96, 102, 108, 98, 74, 48,
];
const WEEKEND_WEIGHT = 0.62;
const MEAN_HOUR_WEIGHT = HOUR_WEIGHTS.reduce((sum, weight) => sum + weight, 0) / HOUR_WEIGHTS.length;
const MEAN_DAY_WEIGHT = (5 + 2 * WEEKEND_WEIGHT) / 7;

const MEAN_CALM_MS = 14 * HOUR_MS;
const SHORTEST_INCIDENT_MS = 2 * MINUTE_MS;
const LONGEST_INCIDENT_MS = 25 * MINUTE_MS;

export class TrafficClock {
  readonly #random: SeededRandom;
  readonly #meanGapMs: number;
  #gapMs = 0;
  #hourEndMs = 0;
  #incidentStartMs: number;
  #incidentEndMs: number;
  /** Milliseconds since 1970 UTC, with a fraction. */
  nowMs: number;

  /** `meanGapMs` is the time between two requests, averaged over a week. */
  constructor(random: SeededRandom, startMs: number, meanGapMs: number) {
    this.#random = random;
    this.#meanGapMs = meanGapMs;
    this.nowMs = startMs;
    this.#incidentStartMs = startMs + this.#uniform(MEAN_CALM_MS);
    this.#incidentEndMs = this.#incidentStartMs + LONGEST_INCIDENT_MS;
  }

  /** Moves on to the next request. */
  advance(): void {
    if (this.nowMs >= this.#hourEndMs) this.#enterHour();
    this.nowMs += this.#uniform(2 * this.#gapMs);
    if (this.nowMs > this.#incidentEndMs) this.#planIncident();
  }

  get inIncident(): boolean {
    return this.nowMs >= this.#incidentStartMs && this.nowMs <= this.#incidentEndMs;
  }

  #enterHour(): void {
    const hour = Math.floor(this.nowMs / HOUR_MS);
    this.#hourEndMs = (hour + 1) * HOUR_MS;
    const weekday = new Date(this.nowMs).getUTCDay();
    const dayWeight = weekday === 0 || weekday === 6 ? WEEKEND_WEIGHT : 1;
    const hourWeight = HOUR_WEIGHTS[hour % 24] ?? MEAN_HOUR_WEIGHT;
    this.#gapMs = (this.#meanGapMs * MEAN_HOUR_WEIGHT * MEAN_DAY_WEIGHT) / (hourWeight * dayWeight);
  }

  #planIncident(): void {
    this.#incidentStartMs = this.nowMs + this.#uniform(2 * MEAN_CALM_MS);
    const lengthMs = SHORTEST_INCIDENT_MS + this.#uniform(LONGEST_INCIDENT_MS - SHORTEST_INCIDENT_MS);
    this.#incidentEndMs = this.#incidentStartMs + lengthMs;
  }

  #uniform(limitMs: number): number {
    return (this.#random.next() * limitMs) / 2 ** 32;
  }
}

/** Monday, 2 March 2026: generated logs begin here. */
export const LOG_START_MS = Date.UTC(2026, 2, 2);

export const spanMs = (days: number): number => days * DAY_MS;
