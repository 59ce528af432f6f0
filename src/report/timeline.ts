/** Requests over time: by hour for a short log, by day with the hours of each day for a longer one, by month beyond. */

import type { Panel, PanelRow } from "./report-model.js";

/** One hour in which there were requests. */
export interface HourOfTraffic {
  /** Milliseconds since 1970 UTC, on the hour. */
  readonly startMs: number;
  readonly hits: number;
  readonly bytes: bigint;
  /** Microseconds since 1970 UTC. */
  readonly firstTime: bigint;
  readonly lastTime: bigint;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The most rows of the panel: two days of hours, a quarter of days. */
const MOST_HOURS = 48;
const MOST_DAYS = 92;
/** Beyond it a gap is no pause but a wrong clock somewhere: only what has requests is listed. */
const MOST_MONTHS = 120;

/** `hours` in time order. Hours, days and months without requests between the first and the last are listed with 0. */
export function timelinePanel(hours: readonly HourOfTraffic[], requests: number): Panel {
  const spanMs = (hours.at(-1)?.startMs ?? 0) - (hours[0]?.startMs ?? 0);
  if (spanMs < MOST_HOURS * HOUR_MS) {
    return panelOf(
      "Requests per hour",
      requests,
      bucketsOf(hours, HOUR_MS, hourLabel, () => undefined),
    );
  }
  const emptyDay = (): number[] => new Array<number>(24).fill(0);
  if (spanMs < MOST_DAYS * DAY_MS) {
    return panelOf("Requests per day and hour", requests, bucketsOf(hours, DAY_MS, dayLabel, emptyDay));
  }
  return panelOf("Requests per month", requests, monthsOf(hours));
}

interface Bucket {
  readonly label: string;
  hits: number;
  bytes: bigint;
  readonly hours: number[] | undefined;
}

function panelOf(title: string, requests: number, buckets: readonly Bucket[]): Panel {
  const rows = buckets.map(({ label, hits, bytes, hours }): PanelRow => {
    const share = requests === 0 ? 0 : hits / requests;
    return { label, hits, share, bytes, ...(hours === undefined ? {} : { hours }) };
  });
  return { id: "requests", title, kind: "timeline", rows, distinct: rows.length };
}

function bucketsOf(
  hours: readonly HourOfTraffic[],
  widthMs: number,
  labelOf: (startMs: number) => string,
  profile: () => number[] | undefined,
): readonly Bucket[] {
  const first = Math.floor((hours[0]?.startMs ?? 0) / widthMs);
  const last = Math.floor((hours.at(-1)?.startMs ?? -widthMs) / widthMs);
  const buckets = Array.from({ length: Math.max(0, last - first + 1) }, (_, index): Bucket => {
    return { label: labelOf((first + index) * widthMs), hits: 0, bytes: 0n, hours: profile() };
  });
  for (const hour of hours) {
    const bucket = buckets[Math.floor(hour.startMs / widthMs) - first];
    if (bucket !== undefined) add(bucket, hour);
  }
  return buckets;
}

function monthsOf(hours: readonly HourOfTraffic[]): readonly Bucket[] {
  const buckets = new Map<number, Bucket>();
  const monthOf = (timeMs: number): number => new Date(timeMs).getUTCFullYear() * 12 + new Date(timeMs).getUTCMonth();
  const open = (month: number): Bucket => {
    const bucket = buckets.get(month) ?? { label: monthLabel(month), hits: 0, bytes: 0n, hours: undefined };
    buckets.set(month, bucket);
    return bucket;
  };
  const first = monthOf(hours[0]?.startMs ?? 0);
  const last = monthOf(hours.at(-1)?.startMs ?? 0);
  if (last - first < MOST_MONTHS) for (let month = first; month <= last; month += 1) open(month);
  for (const hour of hours) add(open(monthOf(hour.startMs)), hour);
  return [...buckets.values()];
}

function add(bucket: Bucket, hour: HourOfTraffic): void {
  bucket.hits += hour.hits;
  bucket.bytes += hour.bytes;
  const hourOfDay = new Date(hour.startMs).getUTCHours();
  if (bucket.hours !== undefined) bucket.hours[hourOfDay] = (bucket.hours[hourOfDay] ?? 0) + hour.hits;
}

const hourLabel = (startMs: number): string => new Date(startMs).toISOString().slice(0, 16).replace("T", " ");

const dayLabel = (startMs: number): string => new Date(startMs).toISOString().slice(0, 10);

const monthLabel = (month: number): string => `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}`;
