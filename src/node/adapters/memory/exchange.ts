/** Exchanges of nodes in one process: calls arrive at the node whose gRPC address is asked, or nowhere. */

import type { JobId } from "../../../base/ids.js";
import type { Member } from "../../../cluster/member.js";
import type { Cancel } from "../../ports/clock.js";
import type { Exchange, ExchangeHandlers, PullEvents, PullRequest } from "../../ports/exchange.js";
import type { FileDescription, FileQuestion } from "../../ports/source-catalog.js";

interface MemoryNode {
  readonly handlers: ExchangeHandlers;
  /** Ends each pull that the node is serving as unreachable. */
  readonly pulls: Set<() => void>;
}

/** The nodes that can hear each other. */
export class MemoryExchanges {
  readonly #nodes = new Map<string, MemoryNode>();

  /** The exchange of the node whose members know it by `address`. An embedded node is alone with its own. */
  at(address: string): Exchange {
    return new MemoryExchange(this.#nodes, address);
  }

  /** From now on nobody reaches the node, and what it was serving breaks off. */
  remove(address: string): void {
    const node = this.#nodes.get(address);
    this.#nodes.delete(address);
    for (const breakOff of node?.pulls ?? []) breakOff();
  }
}

class MemoryExchange implements Exchange {
  readonly #nodes: Map<string, MemoryNode>;
  readonly #address: string;

  constructor(nodes: Map<string, MemoryNode>, address: string) {
    this.#nodes = nodes;
    this.#address = address;
  }

  start(handlers: ExchangeHandlers): void {
    this.#nodes.set(this.#address, { handlers, pulls: new Set() });
  }

  pull(from: Member, request: PullRequest, events: PullEvents): Cancel {
    let over = false;
    let withdraw: Cancel = () => undefined;
    queueMicrotask(() => {
      if (over) return;
      const node = this.#nodes.get(from.grpc);
      const breakOff = () => end(() => events.onFailure("unreachable", `nobody answers at ${from.grpc}`));
      const end = (outcome: () => void) => {
        if (over) return;
        over = true;
        node?.pulls.delete(breakOff);
        outcome();
      };
      if (node === undefined) {
        breakOff();
        return;
      }
      node.pulls.add(breakOff);
      withdraw = node.handlers.onPull(request, {
        progress: (progress) => {
          if (!over) events.onProgress(progress);
        },
        partial: (partial, origin) => end(() => events.onPartial(partial, origin)),
        places: (finished, isFound) => end(() => events.onPlaces?.(finished, isFound)),
        fail: (failure, detail) => end(() => events.onFailure(failure, detail)),
      });
    });
    return () => {
      if (over) return;
      over = true;
      withdraw();
    };
  }

  replicate(to: Member, record: Uint8Array, done: (durable: boolean | "declined" | "unreachable") => void): void {
    queueMicrotask(() => {
      const handlers = this.#nodes.get(to.grpc)?.handlers;
      if (handlers === undefined) done("unreachable");
      else handlers.onReplicate(record, done);
    });
  }

  fetchRecord(from: Member, jobId: JobId, done: (record: Uint8Array | "unreachable" | undefined) => void): void {
    queueMicrotask(() => {
      const handlers = this.#nodes.get(from.grpc)?.handlers;
      if (handlers === undefined) done("unreachable");
      else handlers.onFetchRecord(jobId, done);
    });
  }

  describe(
    from: Member,
    question: FileQuestion,
    done: (files: readonly FileDescription[] | "unreachable") => void,
  ): void {
    queueMicrotask(() => {
      const handlers = this.#nodes.get(from.grpc)?.handlers;
      if (handlers === undefined) done("unreachable");
      else handlers.onDescribe(question, done);
    });
  }
}
