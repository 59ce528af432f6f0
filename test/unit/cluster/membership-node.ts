/** A membership core on one node, driven step by step. */

import { nodeId } from "../../../src/base/ids.js";
import type { Member, MemberState, NodeDescription } from "../../../src/cluster/member.js";
import { Membership } from "../../../src/cluster/membership/membership.js";
import type { MembershipEffect, MembershipInput } from "../../../src/cluster/membership/membership-events.js";
import type { MembershipMessage } from "../../../src/cluster/membership/messages.js";
import { protocolWith } from "../../../src/cluster/protocol.js";

export const PROTOCOL = protocolWith();

export const describeNode = (id: string, incarnation = 1): NodeDescription => ({
  id: nodeId(id),
  name: id,
  incarnation,
  listen: `${id}:7400`,
  grpc: `${id}:7401`,
  http: `${id}:7402`,
  threads: 2,
  zone: "",
  sources: [{ name: "web", shared: true }],
  protocolVersion: 1,
  semanticsVersion: 1,
});

export const member = (id: string, state: MemberState = "alive", incarnation = 1): Member => ({
  ...describeNode(id, incarnation),
  state,
});

/** A membership core with a hand on its clock. */
export function node(id: string, seeds: readonly string[] = []) {
  const core = new Membership(describeNode(id), seeds, PROTOCOL);
  let nowMs = 0;
  const step = (input: MembershipInput): readonly MembershipEffect[] => core.step(nowMs, 0.5, input);
  return {
    core,
    step,
    tickAfter: (ms: number): readonly MembershipEffect[] => {
      nowMs += ms;
      return step({ kind: "tick" });
    },
    meet: (peer: string): readonly MembershipEffect[] =>
      step({ kind: "connected", peer: nodeId(peer), address: undefined }),
    hear: (from: string, message: MembershipMessage): readonly MembershipEffect[] =>
      step({ kind: "message", from: nodeId(from), message }),
    states: (): string => core.view.members.map((known) => `${known.id}=${known.state}@${known.incarnation}`).join(" "),
  };
}

export const viewsOf = (effects: readonly MembershipEffect[]): readonly string[] =>
  effects.flatMap((effect) =>
    effect.kind === "placement-changed" ? [effect.view.members.map(({ id, state }) => `${id}=${state}`).join(" ")] : [],
  );

export const sync = (...members: readonly Member[]): MembershipMessage => ({
  kind: "sync",
  members,
});
export const dials = (effects: readonly MembershipEffect[]): readonly string[] =>
  effects.flatMap((effect) => (effect.kind === "dial" ? [effect.address] : []));

/** The peers whose accounts are asked for. */
export const comparisons = (effects: readonly MembershipEffect[]): readonly string[] =>
  effects.flatMap((effect) => (effect.kind === "send" && effect.message.kind === "compare" ? [effect.to] : []));
