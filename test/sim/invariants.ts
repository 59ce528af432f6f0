/** What must hold of everything that a client is told. A broken one is thrown at the moment it breaks. */

import type { JobId, NodeId } from "../../src/base/ids.js";
import { encodeResult } from "../../src/cluster/job/result-codec.js";
import type { ResultTable } from "../../src/job/result.js";
import { isTerminal, JOB_STATES, type JobState } from "../../src/job/status.js";
import type { FinishedJob } from "../../src/node/node-service.js";

export class InvariantError extends Error {}

export class Invariants {
  readonly #oracle: string;
  readonly #seen = new Map<string, JobState>();
  results = 0;

  constructor(oracle: ResultTable) {
    this.#oracle = textOf(oracle);
  }

  /** A result is the oracle's, byte for byte. */
  checkResult(node: NodeId, id: JobId, job: FinishedJob | undefined): void {
    if (job?.status.state !== "COMPLETED") return;
    this.results += 1;
    if (job.table === undefined) throw new InvariantError(`${node} has job ${id} COMPLETED without a result`);
    const text = textOf(job.table);
    if (text !== this.#oracle) {
      throw new InvariantError(`${node} answered job ${id} wrongly:\n  ${text}\ninstead of\n  ${this.#oracle}`);
    }
  }

  /** States only go up, as one life of a node shows them. */
  checkState(node: NodeId, life: number, id: JobId, state: JobState): void {
    const key = `${node}/${life}/${id}`;
    const before = this.#seen.get(key);
    if (before !== undefined && isTerminal(before) && JOB_STATES.indexOf(state) < JOB_STATES.indexOf(before)) {
      throw new InvariantError(`${node} showed job ${id} as ${before} and then as ${state}`);
    }
    this.#seen.set(key, state);
  }
}

const textOf = (table: ResultTable): string => new TextDecoder().decode(encodeResult(table));
