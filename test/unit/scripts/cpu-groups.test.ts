import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CpuGroup, CpuGroupError, CpuGroups } from "../../../scripts/bench-scale/cpu-groups.js";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "logmr-groups-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const read = (...path: string[]): string => readFileSync(join(root, ...path), "utf8");

describe("A group of version 1", () => {
  const groupOf = (): CpuGroup =>
    new CpuGroup({ limiting: join(root, "cpu/nodes-a"), counting: join(root, "cpuacct/nodes-a"), version: 1 });

  it("is limited to a quota in each period, and to none again", () => {
    const group = groupOf();
    group.limit(0.2);
    expect([read("cpu/nodes-a/cpu.cfs_quota_us"), read("cpu/nodes-a/cpu.cfs_period_us")]).toEqual(["4000", "20000"]);
    group.limit(undefined);
    expect(read("cpu/nodes-a/cpu.cfs_quota_us")).toBe("-1");
  });

  it("takes processes into both of its hierarchies, and counts what they used", () => {
    const group = groupOf();
    group.adopt(4711);
    expect(group.entrances.map((path) => readFileSync(path, "utf8"))).toEqual(["4711", "4711"]);
    writeFileSync(join(root, "cpuacct/nodes-a/cpuacct.usage"), "2500000000\n");
    expect(group.cpuSeconds()).toBe(2.5);
  });
});

describe("A group of version 2", () => {
  const groupOf = (): CpuGroup => {
    const directory = join(root, "nodes-a");
    return new CpuGroup({ limiting: directory, counting: directory, version: 2 });
  };

  it("is limited to a quota in each period, and to none again", () => {
    const group = groupOf();
    group.limit(0.2);
    expect(read("nodes-a/cpu.max")).toBe("4000 20000");
    group.limit(undefined);
    expect(read("nodes-a/cpu.max")).toBe("max 20000");
  });

  it("counts what its processes used", () => {
    const group = groupOf();
    writeFileSync(join(root, "nodes-a/cpu.stat"), "usage_usec 1250000\nuser_usec 1000000\nsystem_usec 250000\n");
    expect(group.cpuSeconds()).toBe(1.25);
  });
});

describe("Where groups are made", () => {
  it("is nowhere without a cpu controller", () => {
    const mounts = `proc /proc proc rw 0 0\ncgroup ${root} cgroup rw,memory 0 0\n`;
    expect(() => CpuGroups.open("nodes", mounts)).toThrow(
      expect.objectContaining({ code: "no-controller" }) as CpuGroupError,
    );
  });

  it("is nowhere in a hierarchy of version 2 that does not offer the cpu controller", () => {
    writeFileSync(join(root, "cgroup.controllers"), "memory pids\n");
    expect(() => CpuGroups.open("nodes", `cgroup2 ${root} cgroup2 rw 0 0\n`)).toThrow(CpuGroupError);
  });

  it("says which directory it may not write to", () => {
    const file = join(root, "no-directory");
    writeFileSync(file, "");
    const mounts = `cgroup ${file} cgroup rw,cpu,cpuacct 0 0\n`;
    expect(() => CpuGroups.open("nodes", mounts)).toThrow(`control groups cannot be made in ${file}`);
  });

  it("is version 1 where that has the controllers, whatever version 2 offers", () => {
    for (const name of ["cpu", "cpuacct", "unified"]) mkdirSync(join(root, name));
    writeFileSync(join(root, "unified/cgroup.controllers"), "cpu\n");
    const mounts = ["cpu", "cpuacct"].map((name) => `cgroup ${join(root, name)} cgroup rw,${name} 0 0`);
    // Plain directories hold the files that groups of the kernel lose with them: the probe cannot be removed.
    expect(() => CpuGroups.open("nodes", [...mounts, `cgroup2 ${root}/unified cgroup2 rw 0 0`].join("\n"))).toThrow(
      CpuGroupError,
    );
    expect(existsSync(join(root, "cpu/nodes-probe/cpu.cfs_quota_us"))).toBe(true);
    expect(existsSync(join(root, "unified/nodes-probe"))).toBe(false);
  });
});
