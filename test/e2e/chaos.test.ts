import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Arena, NODE_NAMES } from "../../scripts/chaos/arena.js";
import { Inputs } from "../../scripts/chaos/inputs.js";
import { openLoopback } from "../../scripts/chaos/loopback-place.js";
import { Oracle } from "../../scripts/chaos/oracle.js";
import { runSchedule } from "../../scripts/chaos/run-schedule.js";
import { drawSchedule } from "../../scripts/chaos/schedule.js";

const NODES = 3;
const KINDS = ["kill -9", "SIGSTOP", "append"];
/** One whose schedule has all three. */
const SEED = 16;
const SIZES = { commonBytes: 2_000_000, copies: 6, privateBytes: 200_000, liveBytes: 400_000 };

const directory = mkdtempSync(join(tmpdir(), "logmr-chaos-"));
let arena: Arena | undefined;
afterAll(async () => {
  await arena?.close();
  rmSync(directory, { recursive: true, force: true });
});

test("A short schedule of kills, freezes and growing logs leaves every answer exact or correctly marked", async () => {
  const names = NODE_NAMES.slice(0, NODES);
  const inputs = await Inputs.create(join(directory, "cache"), join(directory, "logs"), names, SIZES);
  arena = new Arena(directory, await openLoopback(NODES + 1), inputs, NODES);
  await arena.open();
  expect(await arena.unsettled()).toEqual([]);
  const schedule = drawSchedule(SEED, { nodes: NODES, facilities: arena.facilities, only: KINDS });
  const oracleDirectory = join(directory, "oracle");
  mkdirSync(oracleDirectory);
  const report = await runSchedule(arena, new Oracle(oracleDirectory), schedule);
  expect(report.violations).toEqual([]);
  expect([...new Set(report.faults)].sort()).toEqual([...KINDS].sort());
  expect(report.verdicts).toContain("exact");
  expect(report.verdicts).toHaveLength(schedule.questions.length + 1);
});
