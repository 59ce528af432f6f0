/**
 * A client that outlives the node it was given: it learns the other members from the first answer, and goes on with one
 * of them when a node stops answering. Every call may be repeated: a submit carries its client key, the rest only ask.
 */

import type { Member } from "../../../cluster/member.js";
import type { JobRequest } from "../../../job/request.js";
import type { JobStatus } from "../../../job/status.js";
import { type ListedSources, NodeClient, NodeClientError, type ResultOfJob } from "./node-client.js";

/** A pause before a node is tried again when it was the only one known, and how often. */
const RETRY_MS = 500;
const RETRIES = 2;

/** What it needs of a client of one node. */
export type NodeCalls = Pick<
  NodeClient,
  "address" | "submit" | "status" | "cancel" | "jobs" | "members" | "sources" | "watch" | "result" | "close"
>;

type Open = (address: string) => NodeCalls;

export class RoamingClient {
  readonly #open: Open;
  /** Where to go when the current node is gone; the nodes given up are at the end. */
  readonly #others: string[] = [];
  #current: NodeCalls;
  #hasAnswered = false;
  #learning: Promise<void> | undefined;

  /** Throws a RangeError unless the address is `HOST:PORT`. Nothing is connected before the first call. */
  constructor(address: string, open: Open = (other) => new NodeClient(other)) {
    this.#open = open;
    this.#current = open(address);
  }

  /** `HOST:PORT` of the node that is asked now. */
  get address(): string {
    return this.#current.address;
  }

  submit(clientKey: string, request: JobRequest): Promise<{ readonly jobId: string; readonly copies: number }> {
    this.#learn().catch(() => undefined);
    return this.#ask((node) => node.submit(clientKey, request));
  }

  status(jobId: string): Promise<JobStatus> {
    return this.#ask((node) => node.status(jobId));
  }

  cancel(jobId: string): Promise<JobStatus> {
    return this.#ask((node) => node.cancel(jobId));
  }

  jobs(): Promise<readonly JobStatus[]> {
    return this.#ask((node) => node.jobs());
  }

  members(): Promise<readonly Member[]> {
    return this.#ask((node) => node.members());
  }

  sources(): Promise<ListedSources> {
    return this.#ask((node) => node.sources());
  }

  /** Calls `onStatus` now and at every change; resolves after the terminal state. */
  async watch(jobId: string, onStatus: (status: JobStatus) => void): Promise<void> {
    await this.#learn();
    await this.#ask((node) => node.watch(jobId, onStatus));
  }

  /** Waits for a running job; as a preview, gives what there is of its answer now. */
  async result(jobId: string, preview = false): Promise<ResultOfJob> {
    await this.#learn();
    return await this.#ask((node) => node.result(jobId, preview));
  }

  close(): void {
    this.#current.close();
  }

  /** The first node must answer once: an address that never did is the caller's mistake, not a failure to ride out. */
  async #ask<Answer>(call: (node: NodeCalls) => Promise<Answer>): Promise<Answer> {
    for (let failures = 0; ; failures += 1) {
      try {
        const answer = await call(this.#current);
        this.#hasAnswered = true;
        return answer;
      } catch (error) {
        if (!isGone(error) || !this.#hasAnswered || failures >= this.#others.length + RETRIES) throw error;
        await this.#learning;
        await this.#moveOn();
      }
    }
  }

  async #moveOn(): Promise<void> {
    const next = this.#others.shift() ?? this.#current.address;
    this.#others.push(this.#current.address);
    if (this.#others[0] === this.#current.address) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    this.#current.close();
    this.#current = this.#open(next);
  }

  /** Asks for the members once. A node that cannot say them can still answer. */
  async #learn(): Promise<void> {
    this.#learning ??= this.#current.members().then(
      (members) => {
        this.#hasAnswered = true;
        const alive = members.filter((member) => member.state === "alive" && member.grpc !== this.#current.address);
        this.#others.push(...alive.map((member) => member.grpc));
      },
      () => undefined,
    );
    await this.#learning;
  }
}

/** It does not answer, or says that it goes, or that those who may know do not answer it: another one may reach them. */
const isGone = (error: unknown): boolean =>
  error instanceof NodeClientError &&
  (error.code === "unreachable" || error.reason === "LEAVING" || error.reason === "JOB_UNANSWERED");
