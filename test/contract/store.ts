/** What every implementation of the store port keeps to. */

import { afterEach, describe, expect, test } from "vitest";
import type { JobId, VertexKey } from "../../src/base/ids.js";
import type { Store } from "../../src/node/ports/store.js";

export interface StoreUnderTest {
  readonly store: Store;
  close(): Promise<void>;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array | undefined): string | undefined =>
  content === undefined ? undefined : new TextDecoder().decode(content);

const job = (name: string): JobId => name as JobId;
const key = (name: string): VertexKey => name as VertexKey;

export const putRecord = (store: Store, id: string, content: string): Promise<boolean> =>
  new Promise((resolve) => store.putRecord(job(id), bytes(content), resolve));

export const recordsOf = (store: Store): Record<string, string | undefined> =>
  Object.fromEntries([...store.loadRecords()].map(([id, record]) => [id, text(record)]));

export function storeContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`the store in ${name}`, () => {
    const opened: StoreUnderTest[] = [];
    const start = async (): Promise<Store> => {
      const under = await open();
      opened.push(under);
      return under.store;
    };
    afterEach(async () => {
      for (const under of opened.splice(0)) await under.close();
    });

    test("starts empty", async () => {
      const store = await start();
      expect(recordsOf(store)).toEqual({});
      expect(store.getVertex(key("v1"))).toBeUndefined();
      expect(store.hasVertex(key("v1"))).toBe(false);
    });

    test("keeps records by job, the latest of each", async () => {
      const store = await start();
      expect(await putRecord(store, "a", "first")).toBe(true);
      expect(await putRecord(store, "b", "other")).toBe(true);
      expect(await putRecord(store, "a", "second")).toBe(true);
      expect(recordsOf(store)).toEqual({ a: "second", b: "other" });
    });

    test("keeps small values about the node by name, the latest of each", async () => {
      const store = await start();
      expect(store.getState("members")).toBeUndefined();
      store.putState("members", bytes("first"));
      store.putState("other", bytes("else"));
      store.putState("members", bytes("second"));
      await putRecord(store, "a", "a durable write behind them");
      expect(text(store.getState("members"))).toBe("second");
      expect(text(store.getState("other"))).toBe("else");
    });

    test("keeps the order of puts and deletes of one record", async () => {
      const store = await start();
      const first = putRecord(store, "a", "first");
      store.deleteRecord(job("a"));
      const second = putRecord(store, "a", "second");
      store.deleteRecord(job("never there"));
      expect(await Promise.all([first, second])).toEqual([true, true]);
      expect(recordsOf(store)).toEqual({ a: "second" });
      store.deleteRecord(job("a"));
      await putRecord(store, "b", "barrier");
      expect(recordsOf(store)).toEqual({ b: "barrier" });
    });

    test("gives a vertex back at once and after it was written", async () => {
      const store = await start();
      store.putVertex(key("v1"), bytes("partial"));
      store.putVertex(key("empty"), bytes(""));
      expect(text(store.getVertex(key("v1")))).toBe("partial");
      await putRecord(store, "a", "barrier");
      expect(text(store.getVertex(key("v1")))).toBe("partial");
      expect(text(store.getVertex(key("empty")))).toBe("");
      expect([store.hasVertex(key("v1")), store.hasVertex(key("v2"))]).toEqual([true, false]);
    });

    test("keeps the latest of two values under one key", async () => {
      const store = await start();
      store.putVertex(key("known"), bytes("less"));
      expect(store.hasVertex(key("known"))).toBe(true);
      store.putVertex(key("known"), bytes("more"));
      expect(text(store.getVertex(key("known")))).toBe("more");
      await putRecord(store, "a", "barrier");
      expect(text(store.getVertex(key("known")))).toBe("more");
    });

    test("keeps vertices and records apart", async () => {
      const store = await start();
      store.putVertex(key("same"), bytes("vertex"));
      await putRecord(store, "same", "record");
      expect(text(store.getVertex(key("same")))).toBe("vertex");
      expect(recordsOf(store)).toEqual({ same: "record" });
    });

    test("holds a vertex of 20 MB", async () => {
      const store = await start();
      const partial = new Uint8Array(20_000_000).map((_, index) => index % 251);
      store.putVertex(key("large"), partial);
      await putRecord(store, "a", "barrier");
      expect(Buffer.compare(store.getVertex(key("large")) ?? bytes(""), partial)).toBe(0);
    });
  });
}
