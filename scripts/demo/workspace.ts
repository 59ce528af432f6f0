/** What a demo leaves behind: nothing. Its processes and its directory go when it ends, however it ends. */

import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

export class Workspace {
  readonly directory: string;
  readonly #children = new Set<ChildProcess>();
  readonly #onExit = (): void => this.clear();

  /** `parent` is on the file system of the logs, which are hard-linked into the workspace. */
  constructor(parent: string) {
    this.directory = mkdtempSync(join(parent, "run-"));
    process.once("exit", this.#onExit);
  }

  /** Ends the process with the workspace. */
  adopt(child: ChildProcess): void {
    this.#children.add(child);
    child.once("exit", () => this.#children.delete(child));
  }

  /** Ends the processes that are left and removes the directory. */
  clear(): void {
    process.off("exit", this.#onExit);
    for (const child of this.#children) child.kill("SIGKILL");
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}
