/** How long a suspect may take to refute before it counts as dead (SWIM, Das et al., 2002). */

import type { Protocol } from "../protocol.js";

/** suspicionFactor × max(1, log10 of the members) × the probe interval: news takes longer to spread among more. */
export const suspicionTimeoutMs = (
  members: number,
  protocol: Pick<Protocol, "suspicionFactor" | "probeIntervalMs">,
): number => protocol.suspicionFactor * Math.max(1, Math.log10(Math.max(1, members))) * protocol.probeIntervalMs;
