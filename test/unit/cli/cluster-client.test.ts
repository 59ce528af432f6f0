import { describe, expect, it } from "vitest";
import { type ClusterQuery, submitQuery } from "../../../src/cli/cluster-client.js";
import { NodeClientError } from "../../../src/node/adapters/grpc/node-client.js";
import { type NodeCalls, RoamingClient } from "../../../src/node/adapters/grpc/roaming-client.js";

const QUERY: ClusterQuery = { node: "a:1", sql: "SELECT count(*) FROM 'web:*'", allowIncomplete: false, quiet: true };

const notAsked = (): never => {
  throw new Error("this test does not ask for that");
};

/** A client of a node whose first acknowledgement comes too late; `keys` are those of each submit. */
function slowNode(keys: string[]): RoamingClient {
  const node: NodeCalls = {
    address: "a:1",
    submit: async (key) => {
      keys.push(key);
      if (keys.length === 1) throw new NodeClientError("unavailable", "a:1", "0 durable copies of the 1 asked for");
      return { jobId: "job", copies: 1 };
    },
    status: notAsked,
    cancel: notAsked,
    jobs: notAsked,
    members: notAsked,
    sources: notAsked,
    watch: notAsked,
    result: notAsked,
    close: () => undefined,
  };
  return new RoamingClient("a:1", () => node);
}

describe("A submit that was not acknowledged in time", () => {
  it("is sent again under its key", async () => {
    const keys: string[] = [];
    expect(await submitQuery(slowNode(keys), QUERY)).toEqual({ jobId: "job", copies: 1 });
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
  });

  it("is an error where a number of copies was asked for", async () => {
    const keys: string[] = [];
    await expect(submitQuery(slowNode(keys), { ...QUERY, durability: 2 })).rejects.toMatchObject({
      code: "unavailable",
    });
    expect(keys).toHaveLength(1);
  });
});
