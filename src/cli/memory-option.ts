import { InvalidArgumentError, Option } from "commander";
import { MEMORY_SIZE_HINT, parseMemorySize } from "../node/memory-size.js";

/** The `--memory` option of what computes here; its value is in bytes. */
export const memoryOption = (): Option =>
  new Option(
    "--memory <size>",
    "for groups, such as 512MB; more go to temporary files (default: half of the machine's, at most 4GiB)",
  ).argParser(memoryBytes);

function memoryBytes(text: string): number {
  const bytes = parseMemorySize(text);
  if (bytes !== undefined) return bytes;
  throw new InvalidArgumentError(`${MEMORY_SIZE_HINT.replace(/^i/, "I")}.`);
}
