import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { nodeId } from "../../../src/base/ids.js";
import type { Member, MemberState } from "../../../src/cluster/member.js";
import { refusal } from "../../../src/node/adapters/grpc/error-details.js";
import { NodeClientError } from "../../../src/node/adapters/grpc/node-client.js";
import { type NodeCalls, RoamingClient } from "../../../src/node/adapters/grpc/roaming-client.js";

const memberAt = (grpc: string, state: MemberState = "alive"): Member => ({
  id: nodeId(grpc),
  name: grpc,
  incarnation: 1,
  listen: "",
  grpc,
  http: "",
  threads: 1,
  zone: "",
  sources: [],
  protocolVersion: 1,
  semanticsVersion: 1,
  state,
});

/** Nodes that list each other's jobs; those in `dead` answer nothing. */
class Nodes {
  readonly dead = new Set<string>();
  readonly leaving = new Set<string>();
  readonly asked: string[] = [];
  readonly members: readonly Member[];

  constructor(members: readonly Member[]) {
    this.members = members;
  }

  open = (address: string): NodeCalls => {
    const answer = <Value>(value: Value): Promise<Value> => {
      this.asked.push(address);
      if (this.dead.has(address)) return Promise.reject(new NodeClientError("unreachable", address, "gone"));
      return Promise.resolve(value);
    };
    const unused = (): never => {
      throw new Error("this test does not ask for that");
    };
    return {
      address,
      jobs: () => answer([]),
      members: () => answer(this.members),
      watch: () => answer(undefined),
      result: (id) => (id === "unknown" ? this.refuse(address) : answer({ status: unused, table: unused } as never)),
      submit: () => {
        if (this.leaving.has(address)) return Promise.reject(leavingError(address));
        return answer({ jobId: "job", copies: 2 });
      },
      status: unused,
      cancel: unused,
      sources: unused,
      close: () => undefined,
    };
  };

  refuse(address: string): Promise<never> {
    return Promise.reject(new NodeClientError("unknown", address, "no such job"));
  }
}

/** As gRPC hands it on. */
function leavingError(address: string): NodeClientError {
  const { metadata } = refusal(status.UNAVAILABLE, "it goes", { reason: "LEAVING" });
  return new NodeClientError("unavailable", address, "it goes", Object.assign(new Error("it goes"), { metadata }));
}

const ALL = [memberAt("a:1"), memberAt("b:1"), memberAt("c:1"), memberAt("d:1", "dead")];

describe("A client that was given one node", () => {
  test("goes on with another member when its node stops answering", async () => {
    const nodes = new Nodes(ALL);
    const client = new RoamingClient("a:1", nodes.open);
    await client.watch("job", () => undefined);
    nodes.dead.add("a:1");
    await client.result("job");
    expect(nodes.asked).toEqual(["a:1", "a:1", "a:1", "b:1"]);
    expect(client.address).toBe("b:1");
  });

  test("goes on with another member when its node says that it leaves", async () => {
    const nodes = new Nodes(ALL);
    nodes.leaving.add("a:1");
    const client = new RoamingClient("a:1", nodes.open);
    expect(await client.submit("key", {} as never)).toEqual({ jobId: "job", copies: 2 });
    expect(client.address).toBe("b:1");
  });

  test("tries every member that was alive, and the first ones again, before it gives up", async () => {
    const nodes = new Nodes(ALL);
    const client = new RoamingClient("a:1", nodes.open);
    await client.watch("job", () => undefined);
    nodes.asked.length = 0;
    for (const { grpc } of ALL) nodes.dead.add(grpc);
    await expect(client.jobs()).rejects.toMatchObject({ code: "unreachable" });
    expect(nodes.asked).toEqual(["a:1", "b:1", "c:1", "a:1", "b:1"]);
  });

  test("does not hide that the address it was given never answered", async () => {
    const nodes = new Nodes(ALL);
    nodes.dead.add("a:1");
    const client = new RoamingClient("a:1", nodes.open);
    await expect(client.jobs()).rejects.toMatchObject({ code: "unreachable", node: "a:1" });
    expect(nodes.asked).toEqual(["a:1"]);
  });

  test("passes on what a node refuses without asking another", async () => {
    const nodes = new Nodes(ALL);
    const client = new RoamingClient("a:1", nodes.open);
    await expect(client.result("unknown")).rejects.toMatchObject({ code: "unknown" });
    expect(nodes.asked).toEqual(["a:1"]);
  });
});
