/** What befalls disks beside losing them: no space, IO errors, flipped bits. Slow syncs and torn writes go on all the time. */

import type { Begin } from "./fault-plan.js";

export const fullDisks: Begin = ({ nodes, trace }, random) => {
  const { disk, id } = random.pick(nodes);
  trace.event(`full disk ${id}`);
  disk.isFull = true;
  return () => {
    disk.isFull = false;
  };
};

export const brokenDisks: Begin = ({ nodes, trace }, random) => {
  const { disk, id } = random.pick(nodes);
  trace.event(`broken disk ${id}`);
  disk.isBroken = true;
  return () => {
    disk.isBroken = false;
  };
};

/** One value of a disk is damaged; the process that relies on it finds out when it reads it again. */
export const bitFlips: Begin = ({ nodes, trace, tally }, random) => {
  const { disk, id } = random.pick(nodes);
  const key = disk.flipBits(random);
  if (key === undefined) return undefined;
  trace.event(`bit flip ${id} ${key}`);
  if (key.startsWith("record/")) tally.add("damaged records");
  return () => undefined;
};
