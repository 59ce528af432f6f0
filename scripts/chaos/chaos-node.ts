/** One node of a chaos run over all its lives: what starts it, and everything that can be done to its process. */

import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, closeSync, openSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { builtFile } from "../../src/base/package-root.js";
import type { NodeAddresses } from "./place.js";

/** How a life ended that nobody had asked to end. */
export interface SuddenEnd {
  readonly node: string;
  readonly code: number | NodeJS.Signals | null;
  readonly lastLines: string;
}

interface Life {
  readonly child: ChildProcess;
  /** Whether it wrote its ready line before it ended. */
  readonly ready: Promise<boolean>;
  readonly ended: Promise<void>;
  isEndAsked: boolean;
}

export interface ChaosNodeOptions {
  readonly index: number;
  readonly name: string;
  readonly dataDir: string;
  readonly logPath: string;
  readonly addresses: NodeAddresses;
  readonly command: readonly string[];
  /** The flags but those of its name, addresses and data directory. */
  readonly flags: readonly string[];
}

const SHOWN_LOG_LINES = 15;

/** The environment without what a developer may have set for logmr. */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("LOGMR_")));

export class ChaosNode {
  readonly index: number;
  readonly name: string;
  readonly dataDir: string;
  readonly logPath: string;
  readonly grpc: string;
  readonly listen: string;
  /** When it last was told to leave the cluster, in wall time: its files are not missed from then on. */
  leftAtMs = Number.POSITIVE_INFINITY;
  /** Ends since they were last taken. */
  #suddenEnds: SuddenEnd[] = [];
  readonly #options: ChaosNodeOptions;
  #life: Life | undefined;
  #isPaused = false;

  constructor(options: ChaosNodeOptions) {
    this.#options = options;
    this.index = options.index;
    this.name = options.name;
    this.dataDir = options.dataDir;
    this.logPath = options.logPath;
    this.grpc = options.addresses.grpc;
    this.listen = options.addresses.listen;
  }

  get isRunning(): boolean {
    return this.#life !== undefined;
  }

  /** Undefined while it does not run, or is paused: then it waits for nothing. */
  get pid(): number | undefined {
    return this.#isPaused ? undefined : this.#life?.child.pid;
  }

  /** Starts it unless it runs; whether it became ready. */
  async start(): Promise<boolean> {
    this.#life ??= this.#spawn();
    return await this.#life.ready;
  }

  /** Ends it on the spot, as `kill -9` does. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Lets it leave the cluster. */
  async leave(): Promise<void> {
    this.resume();
    if (this.isRunning) this.leftAtMs = performance.now();
    await this.#end("SIGTERM");
  }

  pause(): void {
    if (this.#life?.child.kill("SIGSTOP") === true) this.#isPaused = true;
  }

  resume(): void {
    if (this.#isPaused) this.#life?.child.kill("SIGCONT");
    this.#isPaused = false;
  }

  takeSuddenEnds(): readonly SuddenEnd[] {
    const ends = this.#suddenEnds;
    this.#suddenEnds = [];
    return ends;
  }

  /** Writes a line of our own between those of the node. */
  note(text: string): void {
    appendFileSync(this.logPath, `── ${text}\n`);
  }

  lastLines(): string {
    return readFileSync(this.logPath, "utf8").trimEnd().split("\n").slice(-SHOWN_LOG_LINES).join("\n");
  }

  #spawn(): Life {
    const { addresses, command, flags, dataDir, name, logPath } = this.#options;
    const listeners = Object.entries(addresses).flatMap(([flag, address]) => [`--${flag}`, String(address)]);
    const own = [...listeners, "--name", name, "--data-dir", dataDir];
    const all = [...command, process.execPath, builtFile("bin/logmr-node.js"), ...own, ...flags];
    const [program = "", ...args] = all;
    const log = openSync(logPath, "a");
    const child = spawn(program, args, { stdio: ["ignore", "pipe", log], env: environment() });
    closeSync(log);
    const ended = new Promise<void>((resolve) => {
      child.once("error", () => resolve());
      child.once("exit", () => resolve());
    });
    const readyLine = new Promise<boolean>((resolve) => {
      if (child.stdout === null) resolve(false);
      else createInterface({ input: child.stdout }).once("line", () => resolve(true));
    });
    const life: Life = { child, ended, isEndAsked: false, ready: Promise.race([readyLine, ended.then(() => false)]) };
    void ended.then(() => this.#ended(life));
    return life;
  }

  #ended(life: Life): void {
    if (this.#life === life) {
      this.#life = undefined;
      this.#isPaused = false;
    }
    if (life.isEndAsked) return;
    const code = life.child.exitCode ?? life.child.signalCode;
    this.#suddenEnds.push({ node: this.name, code, lastLines: this.lastLines() });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const life = this.#life;
    if (life === undefined) return;
    life.isEndAsked = true;
    this.note(signal);
    life.child.kill(signal);
    await life.ended;
    if (this.#life === life) this.#life = undefined;
    this.#isPaused = false;
  }
}
