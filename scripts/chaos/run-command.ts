/** Runs a tool of the operating system to its end. */

import { execFile } from "node:child_process";
import { ChaosError } from "./chaos-error.js";

/** Throws a {@link ChaosError} with what it said unless it ends with 0. `input` is what it reads. */
export function runCommand(command: string, args: readonly string[], input = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new ChaosError(`${command} ${args.join(" ")} failed: ${stderr.trim() || error.message}`));
    });
    // A tool that reads nothing may have gone already.
    child.stdin?.on("error", () => undefined).end(input);
  });
}
