/** One question of a schedule, from the first submit to the end of its job, as a client sees it. */

import type { JobId } from "../../src/base/ids.js";
import { DEFAULT_DEADLINE_MS, DEFAULT_MAX_RESULT_BYTES, type JobRequest, jobIdOf } from "../../src/job/request.js";
import { isTerminal, type JobStatus } from "../../src/job/status.js";
import { NodeClientError } from "../../src/node/adapters/grpc/node-client.js";
import type { Arena } from "./arena.js";
import type { ChaosNode } from "./chaos-node.js";
import { textOf } from "./oracle.js";
import { clusterSql } from "./questions.js";
import type { PlannedQuestion } from "./schedule.js";
import type { JobEnd } from "./verdict.js";

/** How long a question over files that may be missing waits for them. */
const WAITING_DEADLINE_MS = 12_000;

/** Reasons to refuse a submit that are in order while something is wrong, or was until just now. */
const REFUSALS: ReadonlySet<string> = new Set(["NOT_JOINED", "LEAVING", "TOO_FEW_COPIES", "HOLDERS_MISSING", "FULL"]);
/** And this one while the log is another one. */
const NO_FILES = "NO_FILES";

/** A submit is taken so long after everything was healed, and its job has ended so long after that, at the latest. */
export const END_MS = 60_000;

export class AskedQuestion {
  readonly planned: PlannedQuestion;
  readonly id: JobId;
  /** When it was first submitted; wall time, as the live log's. */
  submittedAtMs = Number.POSITIVE_INFINITY;
  copies = 0;
  isCancelled = false;
  /** Nobody knows its job any more, and as many disks were lost as had it. */
  isLost = false;
  /** How submits were refused, in the node's words. */
  readonly refusals: string[] = [];
  readonly problems: string[] = [];
  readonly #arena: Arena;
  readonly #key: string;
  readonly #request: JobRequest;
  /** Submits that no node has answered yet, and when the last one was answered. */
  #unanswered = 0;
  #answeredAtMs = 0;

  constructor(arena: Arena, planned: PlannedQuestion, key: string, liveName: string) {
    const { question, allowIncomplete, durability } = planned;
    this.#arena = arena;
    this.planned = planned;
    this.#key = key;
    this.id = jobIdOf(key);
    this.#request = {
      sql: clusterSql(question, liveName),
      allowIncomplete,
      deadlineMs: question.source === "web" ? DEFAULT_DEADLINE_MS : WAITING_DEADLINE_MS,
      maxResultBytes: DEFAULT_MAX_RESULT_BYTES,
      ...(durability === undefined ? {} : { durability }),
    };
  }

  get isAcknowledged(): boolean {
    return this.copies > 0;
  }

  /** After this no node plans it any more, as far as its client knows. */
  get plannedUntilMs(): number {
    return this.#unanswered > 0 ? performance.now() : this.#answeredAtMs;
  }

  /** Whether a node took it. A refusal in order is noted; any other is a problem. */
  async submit(node: ChaosNode | undefined): Promise<boolean> {
    if (node === undefined) return false;
    this.submittedAtMs = Math.min(this.submittedAtMs, performance.now());
    this.#unanswered += 1;
    try {
      const { copies } = await this.#arena.clientOf(node).submit(this.#key, this.#request);
      this.copies = Math.max(this.copies, copies);
      return true;
    } catch (error) {
      this.#refused(error);
      return false;
    } finally {
      this.#unanswered -= 1;
      this.#answeredAtMs = performance.now();
    }
  }

  #refused(error: unknown): void {
    const reason = error instanceof NodeClientError ? (error.reason ?? error.code) : String(error);
    const isInOrder =
      REFUSALS.has(reason) ||
      reason === "unreachable" ||
      (reason === NO_FILES && this.planned.question.source === "live");
    if (isInOrder) this.refusals.push(reason);
    else this.problems.push(`its submit was refused: ${error instanceof Error ? error.message : String(error)}`);
  }

  async cancel(node: ChaosNode | undefined): Promise<void> {
    if (node === undefined) return;
    this.isCancelled = true;
    // A node that does not answer has cancelled nothing, and the job goes on: both are in order.
    await this.#arena
      .clientOf(node)
      .cancel(this.id)
      .catch(() => undefined);
  }

  /** What the node says of it now; undefined if it does not answer or does not know it. */
  async status(node: ChaosNode | undefined): Promise<JobStatus | undefined> {
    if (node === undefined) return undefined;
    return await this.#arena
      .clientOf(node)
      .status(this.id)
      .catch(() => undefined);
  }

  /** Submits it again at one node after the other until one takes it, as a client does; false when none does in time. */
  async insist(): Promise<boolean> {
    const { nodes, clock } = this.#arena;
    let turn = this.planned.via;
    const taken = await clock.until(async () => {
      turn += 1;
      return (await this.submit(nodes[turn % nodes.length])) ? true : undefined;
    }, END_MS);
    return taken === true;
  }

  /** Its end as every node tells it, asked until all tell one; undefined when that takes too long. */
  async end(): Promise<JobStatus | undefined> {
    const { nodes, clock } = this.#arena;
    return await clock.until(async () => {
      const [first, ...others] = await Promise.all(nodes.map((node) => this.status(node)));
      if (first === undefined || !isTerminal(first.state)) return undefined;
      return others.every((other) => other?.state === first.state) ? first : undefined;
    }, END_MS);
  }

  /** What the nodes say of it, for a report. */
  async account(): Promise<string> {
    const { nodes } = this.#arena;
    const told = await Promise.all(nodes.map((node) => this.#tell(node)));
    return nodes.map(({ name }, index) => `${name}: ${told[index]}`).join("; ");
  }

  async #tell(node: ChaosNode): Promise<string> {
    try {
      const { state, coverage, copies, missing } = await this.#arena.clientOf(node).status(this.id);
      return `${state} ${coverage.toFixed(3)}, ${copies} copies, lacks [${missing.join(", ")}]`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** The end with its table, from one node. */
  async result(node: ChaosNode): Promise<JobEnd> {
    const status = await this.#arena.clientOf(node).status(this.id);
    if (status.state !== "COMPLETED" && status.state !== "INCOMPLETE") return { status, text: undefined };
    const answer = await this.#arena.clientOf(node).result(this.id);
    return { status: answer.status, text: textOf(answer.table, this.planned.question) };
  }
}
