/** What a node is made of: its ports and its settings. */

import type { NodeDescription } from "../../cluster/member.js";
import type { Protocol } from "../../cluster/protocol.js";
import type { Clock, Random } from "../ports/clock.js";
import type { Exchange } from "../ports/exchange.js";
import type { MapPool } from "../ports/map-pool.js";
import type { PeerNetwork } from "../ports/peer-network.js";
import type { Planner } from "../ports/planner.js";
import type { SourceCatalog } from "../ports/source-catalog.js";
import type { Store } from "../ports/store.js";

export interface DriverPorts {
  readonly clock: Clock;
  readonly random: Random;
  /** Null for a node on its own, such as the embedded one. */
  readonly peerNetwork: PeerNetwork | null;
  readonly exchange: Exchange;
  readonly store: Store;
  readonly mapPool: MapPool;
  readonly catalog: SourceCatalog;
  readonly planner: Planner;
}

export interface DriverConfig {
  readonly self: NodeDescription;
  /** `HOST:PORT` of the nodes to join; none for the first one. */
  readonly seeds: readonly string[];
  readonly protocol: Protocol;
  /** Spans scanned at a time. */
  readonly scanSlots: number;
  /**
   * Whether records and vertices go to the store. Embedded they do not: nothing is encoded, and a record counts as kept as
   * soon as it is known.
   */
  readonly isDurable: boolean;
}
