/** Figures as people read them. */

/** With a comma between thousands. */
export const formatCount = (count: number | bigint): string => count.toString().replace(/\B(?=(\d{3})+$)/g, ",");

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** Such as `1.2 GiB`; three significant digits at least. */
export function formatBytes(bytes: number | bigint): string {
  let value = Number(bytes);
  let unit = 0;
  while (value >= 1023.95 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** Such as `12.3 %`; a share that is there but rounds to nothing is `<0.1 %`. */
export function formatShare(share: number): string {
  return share > 0 && share < 0.0005 ? "<0.1 %" : `${(share * 100).toFixed(1)} %`;
}

/** `2026-03-02 00:00:13 UTC` of microseconds since 1970 UTC. */
export function formatTime(micros: bigint): string {
  return `${isoTime(micros).slice(0, 19).replace("T", " ")} UTC`;
}

/** ISO 8601 of microseconds since 1970 UTC, to the millisecond. */
export const isoTime = (micros: bigint): string => new Date(Math.floor(Number(micros) / 1000)).toISOString();
