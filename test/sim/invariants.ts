/** What must hold of everything that a client is told. A broken one is thrown at the moment it breaks. */

import type { JobId, NodeId } from "../../src/base/ids.js";
import { inMemory, type ResultTable } from "../../src/job/result.js";
import { isTerminal, JOB_STATES, type JobState } from "../../src/job/status.js";
import type { FinishedJob } from "../../src/node/node-service.js";
import { type Oracle, textOf } from "./oracle.js";
import type { Tally } from "./tally.js";

export class InvariantError extends Error {}

export class Invariants {
  readonly #oracle: Oracle;
  readonly #tally: Tally;
  readonly #seen = new Map<string, JobState>();

  constructor(oracle: Oracle, tally: Tally) {
    this.#oracle = oracle;
    this.#tally = tally;
  }

  /** A result is the oracle's, byte for byte; an incomplete one that of the files it does not name as missing. */
  checkResult(node: NodeId, id: JobId, job: FinishedJob): void {
    const { state, manifestDigest } = job.status;
    if (state !== "COMPLETED" && state !== "INCOMPLETE") return;
    if (job.table === undefined) throw new InvariantError(`${node} has job ${id} ${state} without a result`);
    const table = inMemory(job.table);
    if (state === "INCOMPLETE") {
      this.#checkIncomplete(`${node} has job ${id} INCOMPLETE`, job, table);
      return;
    }
    this.#tally.add("answers");
    const right = this.#oracle.answer(manifestDigest);
    if (textOf(table) === textOf(right)) return;
    throw new InvariantError(`${node} answered job ${id} wrongly:\n  ${textOf(table)}\ninstead of\n  ${textOf(right)}`);
  }

  #checkIncomplete(answer: string, { status }: FinishedJob, table: ResultTable): void {
    const { missing, coverage, manifestDigest } = status;
    this.#tally.add("incomplete answers");
    if (missing.length === 0) throw new InvariantError(`${answer} without naming a file`);
    const planned = this.#oracle.answer(manifestDigest);
    const { bytes } = table.counters;
    const lackingBytes = this.#oracle
      .manifestOf(manifestDigest)
      .lacking?.parts.reduce((sum, part) => sum + (part.bytes ?? 0), 0);
    const share = bytes / (planned.counters.bytes + (lackingBytes ?? 0));
    if (Math.abs(share - coverage) > 1e-9 || share >= 1) {
      throw new InvariantError(`${answer} with a coverage of ${coverage}, and it has ${share} of the bytes`);
    }
    const least = this.#oracle.answer(manifestDigest, (name) => !missing.includes(name));
    if (bytes === least.counters.bytes && textOf(table) !== textOf(least)) {
      throw new InvariantError(`${answer} wrongly:\n  ${textOf(table)}\ninstead of\n  ${textOf(least)}`);
    }
    if (!isWithin(least, table) || !isWithin(table, planned)) {
      throw new InvariantError(`${answer} with lines that it should not have, or without some of those it should`);
    }
  }

  /** A preview counts what it says that it covers, each line once. */
  checkPreview(node: NodeId, id: JobId, { status, table }: FinishedJob): void {
    if (isTerminal(status.state) || table === undefined) return;
    if (status.bytesDone > 0) this.#tally.add("previews");
    const preview = `${node} previewed job ${id}`;
    if (table.counters.bytes !== status.bytesDone) {
      throw new InvariantError(`${preview} over ${table.counters.bytes} bytes and says ${status.bytesDone}`);
    }
    if (!isWithin(inMemory(table), this.#oracle.answer(status.manifestDigest)))
      throw new InvariantError(`${preview} with lines that it should not have`);
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

  /** The job was let go after its time: it may begin anew. */
  forgetStates(id: JobId): void {
    for (const key of this.#seen.keys()) if (key.endsWith(id)) this.#seen.delete(key);
  }
}

/** Whether no key counts more in the first table than in the second. */
function isWithin(first: ResultTable, second: ResultTable): boolean {
  const most = new Map(second.rows.map(([key, count]) => [key, BigInt(String(count))]));
  return first.rows.every(([key, count]) => BigInt(String(count)) <= (most.get(key ?? null) ?? 0n));
}
