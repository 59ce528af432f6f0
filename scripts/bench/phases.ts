/** Which phase of a query a function belongs to: by the kernel's name, by the folder of its source, or by what Node does. */

import { Kernels } from "../../src/engine/kernels/kernels.js";

/** The first pattern that matches a kernel's name decides. */
const KERNEL_PHASES: readonly (readonly [RegExp, string])[] = [
  [/^(splitLines|noteNewlines|findNewline|copyLines)$/, "split lines"],
  [/^(take|takeOther|parse)(ClfTime|Integer)$/, "convert"],
  [/^(take|split|markParsed)/, "tokenize"],
  [/^(merge|probeRows|endOfWholeRows|reenterRows)/, "merge"],
  [/^(lookup|findOrInsert|probe|compose|widenBools|orderDoubles)/, "group"],
  [/^(count|sum|min|max)(Rows|Values)/, "aggregate"],
  [/^(checkRows|listRows|sortEntries|gatherRows)$/, "seal"],
];

/** The longest prefix of a source's path below `src/` decides. */
const FOLDER_PHASES: Readonly<Record<string, string>> = {
  "engine/sql": "compile",
  "engine/functions": "compile",
  "engine/formats": "compile",
  "engine/operators": "sequence kernels",
  "engine/kernels": "sequence kernels",
  "engine/partial": "finish",
  "engine/finish": "finish",
  "node/adapters/files": "read",
  "node/adapters/threads": "coordinate threads",
  "node/adapters/isolation": "coordinate threads",
  engine: "sequence kernels",
  node: "plan and run the job",
  cluster: "plan and run the job",
  job: "plan and run the job",
  cli: "command line and output",
  base: "command line and output",
};

/** Names of the exported kernels by their place in the module, which is what a profile calls them by. */
export function kernelNames(): ReadonlyMap<string, string> {
  const kernels = Object.entries(Kernels.instantiate().call) as readonly (readonly [string, unknown])[];
  const functions = kernels.flatMap(([name, value]) =>
    typeof value === "function" ? [[value.name, name] as const] : [],
  );
  return new Map(functions.map(([index, name]) => [`wasm-function[${index}]`, name]));
}

/** The phase of a kernel, given its exported name; a function that is not exported serves several. */
export function phaseOfKernel(name: string | undefined): string {
  if (name === undefined) return "kernels, shared parts";
  return KERNEL_PHASES.find(([pattern]) => pattern.test(name))?.[1] ?? "filter and compute";
}

/** The phase of a JavaScript function of a profile, by the URL of its source. */
export function phaseOfScript(url: string, functionName: string): string {
  if (/^(read|readSync|fstat|fstatSync)$/.test(functionName)) return "read";
  const path = /\/src\/(.+)\/[^/]+$/.exec(url)?.[1];
  if (path !== undefined) {
    const folder = Object.keys(FOLDER_PHASES)
      .filter((prefix) => path === prefix || path.startsWith(`${prefix}/`))
      .reduce((longest, prefix) => (prefix.length > longest.length ? prefix : longest), "");
    return FOLDER_PHASES[folder] ?? path;
  }
  return functionName === "(garbage collector)" ? "collect garbage" : "start Node, load modules";
}
