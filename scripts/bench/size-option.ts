import { parseByteSize } from "../../src/base/byte-size.js";
import { BenchError } from "./measure.js";

/** The bytes of a `--size`. Throws a {@link BenchError}. */
export function sizeOption(text: string): number {
  const bytes = parseByteSize(text);
  if (bytes === undefined) throw new BenchError(`--size ${text} is no size: write it like 1GiB or 2MB`);
  return bytes;
}
