/** Where the time of a query goes: V8's sampling profiler in every thread, added up by phase. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Contender } from "./contenders.js";
import { BenchError, environment } from "./measure.js";
import { kernelNames, phaseOfKernel, phaseOfScript } from "./phases.js";
import { type BundledPlace, SourceLocator } from "./source-locator.js";

export interface ProfileEntry {
  readonly phase: string;
  readonly function: string;
  /** CPU milliseconds of all threads, the waiting of a thread left out. */
  readonly milliseconds: number;
}

/** The fields used of a V8 `.cpuprofile`. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: BundledPlace & { readonly functionName: string };
  }[];
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

const SAMPLING_MICROSECONDS = 200;
const WAITING = new Set(["(idle)", "(root)"]);

/** Runs a Node command once under the profiler; the largest entries first. */
export function profileOf(contender: Contender): readonly ProfileEntry[] {
  const directory = mkdtempSync(join(tmpdir(), "logmr-profile-"));
  try {
    const flags = ["--cpu-prof", `--cpu-prof-dir=${directory}`, `--cpu-prof-interval=${SAMPLING_MICROSECONDS}`];
    const { status, stderr } = spawnSync(contender.command, [...flags, ...contender.args], {
      encoding: "utf8",
      env: environment(),
    });
    if (status !== 0) throw new BenchError(`${contender.name} failed under the profiler: ${stderr.trim()}`);
    const entries = new Map<string, ProfileEntry>();
    const names: Names = { kernels: kernelNames(), sources: new SourceLocator() };
    for (const name of readdirSync(directory)) {
      addProfile(entries, JSON.parse(readFileSync(join(directory, name), "utf8")) as CpuProfile, names);
    }
    return [...entries.values()].sort((left, right) => right.milliseconds - left.milliseconds);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Names {
  readonly kernels: ReadonlyMap<string, string>;
  readonly sources: SourceLocator;
}

function addProfile(entries: Map<string, ProfileEntry>, profile: CpuProfile, { kernels, sources }: Names): void {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  profile.samples.forEach((sample, index) => {
    const frame = frames.get(sample);
    if (frame === undefined || WAITING.has(frame.functionName)) return;
    const kernel = kernels.get(frame.functionName);
    const phase = frame.url.startsWith("wasm:")
      ? phaseOfKernel(kernel)
      : phaseOfScript(sources.sourceOf(frame), frame.functionName);
    const name = kernel ?? (frame.functionName || "(anonymous)");
    const key = `${phase}\0${name}`;
    const before = entries.get(key)?.milliseconds ?? 0;
    entries.set(key, { phase, function: name, milliseconds: before + (profile.timeDeltas[index] ?? 0) / 1000 });
  });
}

/** Sums of the entries by phase, the largest first. */
export function byPhase(entries: readonly ProfileEntry[]): readonly (readonly [string, number])[] {
  const sums = new Map<string, number>();
  for (const { phase, milliseconds } of entries) sums.set(phase, (sums.get(phase) ?? 0) + milliseconds);
  return [...sums].sort(([, left], [, right]) => right - left);
}
