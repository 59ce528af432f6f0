/** The pieces of a report in a terminal's cells: aligned texts, bars and sparklines. */

import { displayWidth, fitWidth } from "../base/safe-text.js";

/** Printable text in exactly `width` cells, at the left. */
export function leftAligned(text: string, width: number): string {
  const fitting = fitWidth(text, width);
  return fitting + " ".repeat(width - displayWidth(fitting));
}

/** In at least `width` cells, at the right; figures are never cut. */
export const rightAligned = (text: string, width: number): string => text.padStart(width);

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A horizontal bar of up to `width` cells for a fraction of 0 to 1, in steps of an eighth; anything above 0 shows. */
export function bar(fraction: number, width: number): string {
  const eighths = fraction > 0 ? Math.max(1, Math.round(Math.min(1, fraction) * width * 8)) : 0;
  return "█".repeat(eighths >> 3) + (EIGHTHS[eighths & 7] ?? "");
}

const LEVELS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/** One cell a value, as high as its part of `highest`; nothing for 0. */
export function sparkline(values: readonly number[], highest: number): string {
  return values.map((value) => (value <= 0 ? " " : LEVELS[Math.min(7, Math.ceil((value / highest) * 8) - 1)])).join("");
}
