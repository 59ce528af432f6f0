/** Content digests. SHA-256 cut to 128 bits: short enough to sit in every manifest entry, long enough never to collide. */

import { createHash } from "node:crypto";
import type { Digest } from "./ids.js";

const DIGEST_HEX_DIGITS = 32;

/** The digest of the concatenation of `parts`. The caller delimits them where that matters. */
export function digestOf(...parts: readonly (string | Uint8Array)[]): Digest {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex").slice(0, DIGEST_HEX_DIGITS) as Digest;
}
