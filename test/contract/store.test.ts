import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLmdbStore } from "../../src/node/adapters/lmdb/store.js";
import { MemoryStore } from "../../src/node/adapters/memory/store.js";
import { storeContract } from "./store.js";

storeContract("memory", async () => ({ store: new MemoryStore(), close: async () => undefined }));

storeContract("LMDB", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "logmr-store-"));
  const { store } = await openLmdbStore(dataDir);
  return {
    store,
    close: async () => {
      await store.close();
      rmSync(dataDir, { recursive: true });
    },
  };
});
