/** Random regular expressions that both engines take. */

import type { RandomStream } from "../sim/random-stream.js";

const ATOMS = [
  "a",
  "e",
  "/",
  "[a-z]",
  "[^/]",
  "\\d",
  "\\w",
  ".",
  "[A-Z]",
  "ü",
  "\\.",
  "\\s",
  "[0-9a-f]",
  "[[:alpha:]]",
  "i",
  "o",
];
const REPETITIONS = ["", "", "", "*", "+", "?", "{1,3}", "{2}", "*?", "+?"];

function piece(random: RandomStream, depth: number): string {
  if (depth > 0 && random.chance(0.25)) return `(?:${alternatives(random, depth - 1)})${random.pick(REPETITIONS)}`;
  return random.pick(ATOMS) + random.pick(REPETITIONS);
}

const sequence = (random: RandomStream, depth: number): string =>
  Array.from({ length: random.integer(1, 4) }, () => piece(random, depth)).join("");

const alternatives = (random: RandomStream, depth: number): string =>
  Array.from({ length: random.chance(0.3) ? 2 : 1 }, () => sequence(random, depth)).join("|");

export function randomPattern(random: RandomStream): string {
  const start = random.chance(0.2) ? "^" : "";
  const end = random.chance(0.2) ? "$" : "";
  const pattern = `${start}${alternatives(random, 2)}${end}`;
  // Case is that of a to z here, and that of Unicode there.
  return random.chance(0.15) && !pattern.includes("ü") ? `(?i)${pattern}` : pattern;
}
