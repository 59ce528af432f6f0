/** Times on the command line: `2024-01-31T12:00:00Z`, `2024-01-31`, epoch seconds, or how long ago (`-1h`, `2d`). */

import { parseTimestamp } from "../engine/functions/scalar/calendar.js";
import { parseInterval } from "../engine/sql/literals.js";
import { CommandError, EXIT } from "./exit-codes.js";

/** Milliseconds since 1970 UTC. `flag` is for the message of the CommandError that anything else gives. */
export function parseTime(text: string, nowMs: number, flag: string): number {
  if (/^\d{9,12}(?:\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  const micros = parseTimestamp(text);
  if (micros !== undefined) return Number(micros / 1000n);
  const ago = text === "now" ? 0n : parseInterval(text.replace(/^-/, ""));
  if (ago !== undefined && ago >= 0n) return nowMs - Number(ago / 1000n);
  throw new CommandError(
    EXIT.usage,
    `${flag} ${JSON.stringify(text)} is no time; write 2024-01-31T12:00:00Z, epoch seconds, or how long ago, such as 1h or 2d`,
  );
}
