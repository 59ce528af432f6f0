import { spawnSync } from "node:child_process";
import { setFlagsFromString } from "node:v8";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OptimizerPause } from "../../../src/node/adapters/threads/optimizer-pause.js";

vi.mock("node:v8", () => ({ setFlagsFromString: vi.fn() }));

const HELD = ["--max-optimized-bytecode-size=0"];
const USUAL = ["--max-optimized-bytecode-size=61440"];

describe("a pause of V8's optimiser", () => {
  let uptimeSeconds = 10;
  beforeEach(() => {
    uptimeSeconds = 10;
    vi.spyOn(process, "uptime").mockImplementation(() => uptimeSeconds);
    vi.mocked(setFlagsFromString).mockClear();
  });
  afterEach(() => vi.restoreAllMocks());

  it("holds it from the beginning to the end, which comes once", () => {
    const pause = new OptimizerPause();
    expect(vi.mocked(setFlagsFromString).mock.calls).toEqual([HELD]);
    pause.end();
    pause.end();
    expect(vi.mocked(setFlagsFromString).mock.calls).toEqual([HELD, USUAL]);
  });

  it("ends when it is looked at after a second, and not before", () => {
    const pause = new OptimizerPause();
    uptimeSeconds = 10.9;
    pause.look();
    expect(vi.mocked(setFlagsFromString).mock.calls).toEqual([HELD]);
    uptimeSeconds = 11;
    pause.look();
    pause.look();
    pause.end();
    expect(vi.mocked(setFlagsFromString).mock.calls).toEqual([HELD, USUAL]);
  });

  it("gives back the size that V8 begins with", () => {
    const { stdout } = spawnSync(process.execPath, ["--v8-options"], { encoding: "utf8" });
    expect(stdout).toContain(`default: ${USUAL[0]}`);
  });
});
