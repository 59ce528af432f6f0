/**
 * Simulated clusters of many nodes: `npm run sim:scale -- [--members 10,30,100] [--nodes 100] [--seconds 60]`. Prints what
 * members cost without any job, then a long job in peace, with a tenth of the nodes slow, and with a tenth killed in the
 * middle. Exit code 1 where a bar does not hold.
 */

import { parseArgs } from "node:util";
import { jobAtScale, membersAtScale, type Traffic, type Trouble } from "../test/sim/scale.js";

const SLOW_BAR = 1.25;
const KILLED_BAR = 1.15;
/** Noise of a few messages: what is drawn by chance differs between runs. */
const GROWTH_ROOM = 1.1;

const { values } = parseArgs({
  options: {
    members: { type: "string", default: "10,30,100,300,1000" },
    nodes: { type: "string", default: "100" },
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
  },
});

const seed = Number(values.seed);
const seconds = (ms: number | undefined): string => (ms === undefined ? "never" : `${(ms / 1000).toFixed(1)} s`);
const told = ({ messages, bytes }: Traffic): string => `${messages.toFixed(1)} (${(bytes / 1024).toFixed(1)} KiB)`;
let failures = 0;

function check(what: string, isHeld: boolean): void {
  if (!isHeld) failures += 1;
  console.log(`  ${isHeld ? "holds" : "DOES NOT HOLD"}: ${what}`);
}

const sizes = values.members.split(",").filter(Boolean).map(Number);
console.log("members | agree after | messages a node and second: joining | calm | a death is known after");
const calm = sizes.map((size) => {
  const found = membersAtScale(size, seed);
  const cells = [size, seconds(found.agreeMs), told(found.joining), told(found.calm), seconds(found.deathMs)];
  console.log(cells.join(" | "));
  return { size, ...found.calm };
});
const [least] = calm;
for (const { size, messages, bytes } of calm.slice(1)) {
  if (least === undefined) break;
  const growth = (Math.log(size) / Math.log(least.size)) * GROWTH_ROOM;
  check(`${size} members: messages grow by no more than log N`, messages <= least.messages * growth);
  check(`${size} members: bytes grow by no more than log N`, bytes <= least.bytes * growth);
}

const nodes = Number(values.nodes);
if (nodes > 0) {
  const run = (trouble: Trouble): number => {
    const { elapsedMs, work, state, traffic } = jobAtScale(nodes, Number(values.seconds), trouble, seed);
    const cells = [trouble, state, seconds(elapsedMs), `work ${work.toFixed(3)}`, `control ${told(traffic)}`];
    console.log(cells.join(" | "));
    return elapsedMs;
  };
  console.log(`a job of ${values.seconds} s on ${nodes} nodes`);
  const peaceMs = run("none");
  const share = (ms: number): string => `${((ms / peaceMs - 1) * 100).toFixed(1)} %`;
  const slowMs = run("a tenth 10 times slower");
  check(`a slow tenth costs ${share(slowMs)} time, at most 25 %`, slowMs <= peaceMs * SLOW_BAR);
  const killedMs = run("a tenth killed");
  check(`a killed tenth costs ${share(killedMs)} time, at most 15 %`, killedMs <= peaceMs * KILLED_BAR);
}
process.exitCode = failures > 0 ? 1 : 0;
