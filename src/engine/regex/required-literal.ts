/** A text that every match holds: what a kernel looks for first, many bytes at a time. */

import type { PatternNode } from "./pattern.js";

export interface RequiredLiteral {
  readonly text: string;
  /** Whether every match begins with it, so that nothing before its first occurrence matters. */
  readonly isAtStart: boolean;
}

interface Run {
  text: string;
  readonly isAtStart: boolean;
}

/** The longest run of single code points that the pattern requires; undefined if there is none. */
export function requiredLiteral(node: PatternNode): RequiredLiteral | undefined {
  const runs: Run[] = [{ text: "", isAtStart: true }];
  collect(node, runs);
  let best: Run | undefined;
  for (const run of runs) if (run.text.length > (best?.text.length ?? 0)) best = run;
  return best;
}

/** Appends to the last run, and begins a new one behind whatever is not a single code point. */
function collect(node: PatternNode, runs: Run[]): void {
  switch (node.kind) {
    case "empty":
      return;
    case "set": {
      const [range] = node.ranges;
      const last = runs.at(-1);
      const isSingle = node.ranges.length === 1 && range !== undefined && range[0] === range[1];
      if (isSingle && last !== undefined) last.text += String.fromCodePoint(range[0]);
      else breakRun(runs);
      return;
    }
    case "sequence":
      for (const part of node.parts) collect(part, runs);
      return;
    case "group":
      collect(node.node, runs);
      return;
    case "repeat":
      if (node.least > 0) collect(node.node, runs);
      breakRun(runs);
      return;
    case "choice":
    case "assertion":
      breakRun(runs);
  }
}

const breakRun = (runs: Run[]): void => {
  runs.push({ text: "", isAtStart: false });
};
