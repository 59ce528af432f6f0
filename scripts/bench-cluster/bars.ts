/** The bars of a cluster's speed, each measured on a cluster of its own: what it did beside what it may do. */

import { appendFileSync, closeSync, copyFileSync, linkSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { chooseSpanLevel, FAN_IN, LEAF_BYTES } from "../../src/job/tree.js";
import { median } from "../bench/measure.js";
import { runLogmr } from "../demo/commands.js";
import type { Workspace } from "../demo/workspace.js";
import { bytesReadBy, bytesScannedBy, WarmCluster } from "./warm-cluster.js";

export interface Inputs {
  readonly workspace: Workspace;
  readonly smallLog: string;
  readonly largeLog: string;
  readonly runs: number;
  readonly threads: number;
}

export interface Figure {
  readonly name: string;
  readonly bar: string;
  readonly figure: string;
  readonly holds: boolean;
}

const MIB = 1024 * 1024;
/** In which threads load their code and V8 compiles it. */
const WARM_UP_RUNS = 3;
const POLL_MS = 20;
/** What one thread needs ten seconds for at least. */
const JOINING_BYTES = 32 * 1024 * MIB;

/** Each its own plan, so that nothing of it is stored. */
let questions = 0;
function freshQuestion(from: string): string {
  questions += 1;
  return `SELECT status, count(*) AS n, sum(bytes) AS bytes FROM ${from} WHERE bytes <> -${questions} GROUP BY status`;
}

const FROM = "'web:*.log'";

export async function smallJob({ workspace, smallLog, runs }: Inputs): Promise<readonly Figure[]> {
  const cluster = new WarmCluster(workspace, "small", 1);
  linkSync(smallLog, join(cluster.logs, "access.log"));
  for (let node = 0; node < 5; node += 1) await cluster.start();
  await cluster.settle();
  for (let run = 0; run < WARM_UP_RUNS; run += 1) await cluster.run(freshQuestion(FROM));
  const times: number[] = [];
  for (let run = 0; run < runs * 4; run += 1) times.push((await cluster.run(freshQuestion(FROM))).milliseconds);
  await cluster.kill();
  const p50 = median(times);
  const name = `${sizeOf(smallLog)} over 5 warm nodes, submit to result, p50`;
  return [{ name, bar: "≤ 250 ms", figure: ms(p50), holds: p50 <= 250 }];
}

/** One node and `logmr query` in turns; then the same question again, and once more after the log grew. */
export async function largeLog({ workspace, largeLog: log, runs, threads }: Inputs): Promise<readonly Figure[]> {
  const cluster = new WarmCluster(workspace, "large", threads);
  const grown = join(cluster.logs, "access.log");
  copyFileSync(log, grown);
  const node = await cluster.start();
  await cluster.settle();
  await cluster.run(freshQuestion(FROM));
  const [embedded, clustered]: [number[], number[]] = [[], []];
  let question = "";
  for (let run = 0; run < runs; run += 1) {
    question = freshQuestion(FROM);
    const startMs = performance.now();
    await runLogmr(["query", question.replace(FROM, "logs"), grown, "--threads", `${threads}`, "--quiet"]);
    embedded.push(performance.now() - startMs);
    clustered.push((await cluster.run(question)).milliseconds);
  }
  const size = statSync(grown).size;
  const again: number[] = [];
  const readBefore = bytesReadBy(node);
  for (let run = 0; run < runs; run += 1) again.push((await cluster.run(question)).milliseconds);
  const readAgain = (bytesReadBy(node) - readBefore) / runs;
  appendFileSync(grown, wholeLines(log, size / 100));
  const readBeforeGrowth = bytesReadBy(node);
  await cluster.run(question);
  const readGrown = bytesReadBy(node) - readBeforeGrowth;
  await cluster.kill();
  const most = 1.15 * median(embedded) + 50;
  const [repeated, whole] = [median(again), sizeOf(log)];
  return [
    {
      name: `${whole} on one warm node`,
      bar: `≤ 1.15 × embedded + 50 ms = ${ms(most)}`,
      figure: ms(median(clustered)),
      holds: median(clustered) <= most,
    },
    { name: `${whole} asked again`, bar: "≤ 60 ms", figure: ms(repeated), holds: repeated <= 60 },
    share("bytes read when it is asked again", readAgain, size, 50),
    share("bytes read after 1 % was appended", readGrown, size, 20),
  ];
}

/**
 * The only node is killed in the middle of a job and started again: what its next life scans of what was scanned. What the
 * first scanned is told by what it has read when it stands still, less what such a job reads besides.
 */
export async function restart({ workspace, largeLog: log, threads }: Inputs): Promise<readonly Figure[]> {
  const cluster = new WarmCluster(workspace, "restart", threads);
  linkSync(log, join(cluster.logs, "access.log"));
  const first = await cluster.start();
  await cluster.settle();
  const size = statSync(log).size;
  await cluster.run(freshQuestion(FROM));
  const readFor = async (): Promise<number> => {
    const before = bytesReadBy(first);
    await cluster.run(freshQuestion(FROM));
    return bytesReadBy(first) - before;
  };
  const readBesides = (await readFor()) - size;
  const readBefore = bytesReadBy(first);
  const scannedBefore = await bytesScannedBy(first);
  const job = await cluster.submit(freshQuestion(FROM));
  while ((await bytesScannedBy(first)) < scannedBefore + size / 2) await pause(POLL_MS);
  process.kill(first.pid, "SIGSTOP");
  const scannedFirst = bytesReadBy(first) - readBefore - readBesides;
  await cluster.kill();
  const second = await cluster.start(0);
  await cluster.client.result(job);
  const scannedSecond = await bytesScannedBy(second);
  await cluster.kill();
  const level = chooseSpanLevel([size], threads).level;
  const most = threads * LEAF_BYTES * FAN_IN ** level;
  const twice = Math.max(0, scannedFirst + scannedSecond - size);
  const name = "bytes scanned twice by a node that was killed and started again";
  const bar = `≤ a span for each thread = ${mib(most)}`;
  return [{ name, bar, figure: mib(twice), holds: twice <= most }];
}

/** A second node joins while the queue of the first is full. */
export async function joining({ workspace, largeLog: log }: Inputs): Promise<readonly Figure[]> {
  const cluster = new WarmCluster(workspace, "joining", 1);
  const copies = Math.ceil(JOINING_BYTES / statSync(log).size);
  for (let copy = 0; copy < copies; copy += 1) linkSync(log, join(cluster.logs, `access-${copy}.log`));
  await cluster.start();
  await cluster.settle();
  const job = await cluster.submit(freshQuestion(FROM));
  await pause(500);
  const joined = await cluster.start();
  const startMs = performance.now();
  while ((await bytesScannedBy(joined)) === 0 && performance.now() - startMs < 30_000) await pause(POLL_MS);
  const tookMs = performance.now() - startMs;
  await cluster.client.cancel(job);
  await cluster.kill();
  const name = "a node that joins in the middle of a job scans, after its ready line";
  return [{ name, bar: "≤ 5000 ms", figure: ms(tookMs), holds: tookMs <= 5000 }];
}

function share(name: string, read: number, size: number, part: number): Figure {
  return { name, bar: `≤ 1/${part} = ${mib(size / part)}`, figure: mib(read), holds: read <= size / part };
}

/** The first bytes of a log up to a line's end. */
function wholeLines(path: string, bytes: number): Uint8Array {
  const buffer = Buffer.alloc(Math.floor(bytes));
  const descriptor = openSync(path, "r");
  const read = readSync(descriptor, buffer, 0, buffer.length, 0);
  closeSync(descriptor);
  return buffer.subarray(0, buffer.lastIndexOf(10, read - 1) + 1);
}

const ms = (value: number): string => `${value.toFixed(0)} ms`;
const mib = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`;
const sizeOf = (path: string): string => mib(statSync(path).size);
