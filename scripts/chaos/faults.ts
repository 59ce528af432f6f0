/** Every kind of fault there is. */

import type { FaultKind } from "./fault.js";
import { appendLog } from "./faults/append-log.js";
import { changeLog } from "./faults/change-log.js";
import { corruptStore } from "./faults/corrupt-store.js";
import { fillDisk } from "./faults/fill-disk.js";
import { killAll } from "./faults/kill-all.js";
import { killNode } from "./faults/kill-node.js";
import { lateJoin } from "./faults/late-join.js";
import { leaveAndReturn } from "./faults/leave-and-return.js";
import { oneWayCut } from "./faults/one-way-cut.js";
import { partialCut } from "./faults/partial-cut.js";
import { pauseNode } from "./faults/pause-node.js";
import { slowLink } from "./faults/slow-link.js";
import { splitNetwork } from "./faults/split-network.js";

export const FAULT_KINDS: readonly FaultKind[] = [
  killNode,
  killAll,
  leaveAndReturn,
  pauseNode,
  splitNetwork,
  oneWayCut,
  partialCut,
  slowLink,
  fillDisk,
  corruptStore,
  appendLog,
  changeLog,
  lateJoin,
];
