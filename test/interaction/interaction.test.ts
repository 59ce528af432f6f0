import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ScriptCluster } from "./script-cluster.js";

const FOLDER = join(import.meta.dirname, "scripts");

/** Commands stand at the margin; what was said is indented below them. */
function replay(script: string): string {
  const cluster = new ScriptCluster();
  const lines: string[] = [];
  for (const line of script.split("\n")) {
    if (line.startsWith("  ")) continue;
    lines.push(line);
    if (line !== "" && !line.startsWith("#")) lines.push(...cluster.run(line).map((said) => `  ${said}`));
  }
  return lines.join("\n");
}

describe("Interaction scripts read as they did", () => {
  it.each(readdirSync(FOLDER))("%s", async (name) => {
    const path = join(FOLDER, name);
    await expect(replay(readFileSync(path, "utf8"))).toMatchFileSnapshot(path);
  });
});
