/** Options of what becomes a job, shared by the commands that submit one. */

import { InvalidArgumentError, Option } from "commander";
import { JOB_PRIORITIES, type JobPriority } from "../job/request.js";
import { wholeNumber } from "./whole-number.js";

const MAX_HOLDERS = 100_000;

export const expectHoldersOption = (): Option =>
  new Option(
    "--expect-holders <count>",
    "nodes that must give their files, with a cluster; one for a shared source (default: those that it remembers)",
  ).argParser(wholeNumber(1, MAX_HOLDERS));

export const priorityOption = (): Option =>
  new Option(
    "--priority <priority>",
    "low, normal or high: a quarter, one or four shares of a cluster's threads beside other jobs",
  ).argParser((text: string): JobPriority => {
    const priority = JOB_PRIORITIES.find((known) => known === text);
    if (priority === undefined) throw new InvalidArgumentError(`It is one of ${JOB_PRIORITIES.join(", ")}.`);
    return priority;
  });
