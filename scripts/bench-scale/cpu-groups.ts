/**
 * Control groups of Linux, versions 1 and 2: a share of the processors for each group of processes, and what it used of
 * it. The kernel holds a group to `quota` microseconds of processor time in each `period`.
 */

import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Control groups cannot be used here. The message says why and what would do. */
export class CpuGroupError extends Error {
  readonly code: "no-controller" | "not-permitted";

  constructor(code: CpuGroupError["code"], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "CpuGroupError";
    this.code = code;
  }
}

/**
 * Short, so that a throttled node answers within milliseconds as a slower processor would, and not in bursts. The kernel
 * takes 1 ms to 1 s.
 */
const PERIOD_MICROSECONDS = 20_000;

/** The most there is: what others do on the machine must not take what the quota promises. */
const WEIGHTS = { 1: ["cpu.shares", 262_144], 2: ["cpu.weight", 10_000] } as const;

/** Where the groups of one version are made, and what their files are called. */
interface Hierarchy {
  /** Of the group that takes quotas, and of the one that counts; the same in version 2. */
  readonly limiting: string;
  readonly counting: string;
  readonly version: 1 | 2;
}

/** The group of some processes, without a limit at first. */
export class CpuGroup {
  readonly #hierarchy: Hierarchy;

  constructor(hierarchy: Hierarchy) {
    this.#hierarchy = hierarchy;
    for (const directory of this.#directories()) mkdirSync(directory, { recursive: true });
    const [name, weight] = WEIGHTS[hierarchy.version];
    writeFileSync(join(hierarchy.limiting, name), `${weight}`);
  }

  /** The files that take a process's number, for a process that enters by itself. */
  get entrances(): readonly string[] {
    return this.#directories().map((directory) => join(directory, "cgroup.procs"));
  }

  /** Takes a process in with all its threads; what it starts from then on is in it as well. */
  adopt(pid: number): void {
    for (const entrance of this.entrances) writeFileSync(entrance, `${pid}`);
  }

  /** `cores` of processor time per second, such as 0.2; undefined for no limit. */
  limit(cores: number | undefined): void {
    const { limiting, version } = this.#hierarchy;
    const quota = cores === undefined ? undefined : Math.round(cores * PERIOD_MICROSECONDS);
    if (version === 2) {
      writeFileSync(join(limiting, "cpu.max"), `${quota ?? "max"} ${PERIOD_MICROSECONDS}`);
      return;
    }
    writeFileSync(join(limiting, "cpu.cfs_period_us"), `${PERIOD_MICROSECONDS}`);
    writeFileSync(join(limiting, "cpu.cfs_quota_us"), `${quota ?? -1}`);
  }

  /** Processor time of all its processes since the group exists, those that have ended included. */
  cpuSeconds(): number {
    const { counting, version } = this.#hierarchy;
    if (version === 1) return Number(readFileSync(join(counting, "cpuacct.usage"), "utf8")) / 1e9;
    const found = /^usage_usec (\d+)$/m.exec(readFileSync(join(counting, "cpu.stat"), "utf8"));
    return Number(found?.[1] ?? Number.NaN) / 1e6;
  }

  /** Ends the group; processes that are still in it go on in the one above. */
  remove(): void {
    for (const directory of this.#directories()) {
      if (!existsSync(directory)) continue;
      const members = readFileSync(join(directory, "cgroup.procs"), "utf8").split("\n").filter(Boolean);
      for (const pid of members) moveOut(pid, directory);
      rmdirSync(directory);
    }
  }

  #directories(): readonly string[] {
    const { limiting, counting } = this.#hierarchy;
    return limiting === counting ? [limiting] : [limiting, counting];
  }
}

/** A process that ended meanwhile needs no other group. */
function moveOut(pid: string, directory: string): void {
  try {
    writeFileSync(join(dirname(directory), "cgroup.procs"), pid);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Makes groups whose names begin with `prefix`, and removes them all. */
export class CpuGroups {
  readonly #hierarchy: Hierarchy;
  readonly #groups: CpuGroup[] = [];

  private constructor(hierarchy: Hierarchy) {
    this.#hierarchy = hierarchy;
  }

  /**
   * Throws a {@link CpuGroupError} where processes cannot be limited. `mounts` is what `/proc/self/mounts` says.
   */
  static open(prefix: string, mounts = readFileSync("/proc/self/mounts", "utf8")): CpuGroups {
    const hierarchy = findHierarchy(prefix, mounts);
    const groups = new CpuGroups(hierarchy);
    try {
      if (hierarchy.version === 2) writeFileSync(join(dirname(hierarchy.limiting), "cgroup.subtree_control"), "+cpu");
      const probe = groups.create("probe");
      probe.limit(0.5);
      probe.remove();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `control groups cannot be made in ${dirname(hierarchy.limiting)} (${reason}): run as root, outside of a container`;
      throw new CpuGroupError("not-permitted", message, error);
    }
    return groups;
  }

  create(name: string): CpuGroup {
    const { limiting, counting, version } = this.#hierarchy;
    const group = new CpuGroup({ limiting: `${limiting}-${name}`, counting: `${counting}-${name}`, version });
    this.#groups.push(group);
    return group;
  }

  clear(): void {
    for (const group of this.#groups.splice(0)) group.remove();
  }
}

/** Version 1 where it has the processor controller, version 2 otherwise; never both. */
function findHierarchy(prefix: string, mounts: string): Hierarchy {
  const entries = mounts.split("\n").map((line) => line.split(" "));
  const mountOf = (controller: string): string | undefined =>
    entries.find(([, , type, options]) => type === "cgroup" && options?.split(",").includes(controller))?.[1];
  const [limiting, counting] = [mountOf("cpu"), mountOf("cpuacct")];
  if (limiting !== undefined && counting !== undefined) {
    return { limiting: join(limiting, prefix), counting: join(counting, prefix), version: 1 };
  }
  const unified = entries.find(([, path, type]) => type === "cgroup2" && path !== undefined && offersCpu(path))?.[1];
  if (unified === undefined) {
    throw new CpuGroupError(
      "no-controller",
      "no control group hierarchy with a cpu controller is mounted: nodes cannot be limited on this machine",
    );
  }
  const directory = join(unified, prefix);
  return { limiting: directory, counting: directory, version: 2 };
}

function offersCpu(mount: string): boolean {
  const path = join(mount, "cgroup.controllers");
  return existsSync(path) && readFileSync(path, "utf8").trim().split(" ").includes("cpu");
}
