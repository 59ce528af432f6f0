import { InvalidArgumentError } from "commander";

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds of `30s` or `10m`; for commander, whose error it throws otherwise. */
export function parseDuration(text: string): number {
  const match = /^(\d{1,9})\s*(ms|s|m|h)$/.exec(text);
  const unitMs = UNIT_MS[match?.[2] ?? ""];
  if (match === null || unitMs === undefined) throw new InvalidArgumentError("It is a duration such as 30s or 10m.");
  return Number(match[1]) * unitMs;
}
