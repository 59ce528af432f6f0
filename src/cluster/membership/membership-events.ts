/** What comes into {@link Membership} and what goes out of it. */

import type { NodeId } from "../../base/ids.js";
import type { Member, View } from "../member.js";
import type { MembershipMessage } from "./messages.js";

export type MembershipInput =
  /** `address`: what was dialled to get here, if known. */
  | { readonly kind: "connected"; readonly peer: NodeId; readonly address: string | undefined }
  | { readonly kind: "disconnected"; readonly peer: NodeId }
  | { readonly kind: "dial-failed"; readonly address: string }
  | { readonly kind: "message"; readonly from: NodeId; readonly message: MembershipMessage }
  | { readonly kind: "gossip"; readonly from: NodeId; readonly message: MembershipMessage }
  /** What an earlier life of this node wrote down; the first input, if there is any. */
  | { readonly kind: "remembered"; readonly members: readonly Member[] }
  /** The nodes to join are others now. */
  | { readonly kind: "seeds"; readonly seeds: readonly string[] }
  | { readonly kind: "tick" }
  /** The event loop of this node was late, by `lagMs` of the protocol or more; or its scans are as if it were ill. */
  | { readonly kind: "lagged"; readonly lateMs: number }
  | { readonly kind: "leave" };

export type MembershipEffect =
  | { readonly kind: "dial"; readonly address: string }
  | { readonly kind: "send"; readonly to: NodeId; readonly message: MembershipMessage }
  | { readonly kind: "publish"; readonly message: MembershipMessage }
  /** Everyone but this node itself, to be written down for its next life. */
  | { readonly kind: "remember"; readonly members: readonly Member[] }
  | { readonly kind: "view-changed"; readonly view: View; readonly joined: boolean }
  /** The view by which work is placed; see `stable-view.ts`. */
  | { readonly kind: "placement-changed"; readonly view: View };
