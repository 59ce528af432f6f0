/** Bugs in who is taken for alive, and in what a node does with that. */

import { JobCore } from "../../src/cluster/job/job-core.js";
import { Membership } from "../../src/cluster/membership/membership.js";
import type { MembershipInput } from "../../src/cluster/membership/membership-events.js";
import type { MembershipMessage } from "../../src/cluster/membership/messages.js";
import { type NamedMutation, replaceMethod, replacing } from "./mutation.js";
import { CALM } from "./sim-options.js";

const NEVER_MS = Number.POSITIVE_INFINITY;
const FOR_EVER_MS = 1e9;
/** From then on a stale view is kept. */
const STALE_FROM_MS = 3000;

export const MEMBERSHIP_MUTATIONS: { readonly [name: string]: NamedMutation } = {
  "no redialling": {
    protocol: { redialMinMs: NEVER_MS, redialMaxMs: NEVER_MS },
    options: { partitions: 2 },
    found: /views disagree/,
    withinSeeds: 50,
  },
  "no remembered members": {
    disk: { forgetsState: true },
    options: { nodes: 4, greyLinks: 1, afterAcknowledge: 1, lateNodes: 0, calmMs: 100, faultsEndMs: 10_000 },
    found: /views disagree/,
    withinSeeds: 200,
  },
  "a stale view": {
    patch: () =>
      replaceMethod(
        JobCore,
        "step",
        (step) =>
          function keepView(this: JobCore, nowMs, input) {
            return input.kind === "view" && nowMs > STALE_FROM_MS ? [] : step.call(this, nowMs, input);
          },
      ),
    options: { ...CALM, nodes: 5, diskLosses: 1, gone: 1, calmMs: 3000 },
    found: /durable ones in the end|has no answer/,
    withinSeeds: 100,
  },
  "a refutation that is lost": {
    patch: () =>
      replaceMethod(
        Membership,
        "step",
        (step) =>
          function neverHears(this: Membership, nowMs, random, input) {
            return step.call(this, nowMs, random, withoutAccountOf(this.view.self, input));
          },
      ),
    options: { ...CALM, nodes: 5, pauses: 3, partitions: 1 },
    found: /views disagree/,
    withinSeeds: 100,
  },
  "an incarnation that is not written down": {
    incarnationOf: () => 1,
    options: { crashes: 4, pauses: 2 },
    found: /saw n\d at \d+ and then at \d+|views disagree/,
    withinSeeds: 50,
  },
  "a timer that is not stopped": {
    decorate: (ports) => ({
      ...ports,
      clock: replacing(ports.clock, {
        setTimer: (delayMs, fire) => {
          const cancel = ports.clock.setTimer(delayMs, fire);
          return () => {
            cancel();
            ports.clock.setTimer(FOR_EVER_MS, () => undefined);
          };
        },
      }),
    }),
    options: { ...CALM, nodes: 5 },
    found: /timers/,
    withinSeeds: 20,
  },
};

/** The same input, with nothing in it about the node itself. */
function withoutAccountOf(self: string, input: MembershipInput): MembershipInput {
  if (input.kind !== "message" && input.kind !== "gossip") return input;
  return { ...input, message: withoutAccount(self, input.message) };
}

function withoutAccount(self: string, message: MembershipMessage): MembershipMessage {
  if (message.kind === "ping") return { ...message, about: null };
  if (message.kind !== "sync" && message.kind !== "news") return message;
  return { ...message, members: message.members.filter((member) => member.id !== self) };
}
