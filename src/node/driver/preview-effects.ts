/** Previews at the driver: what peers have is pulled, what was found is merged, and whoever asked is told. */

import type { VertexKey } from "../../base/ids.js";
import { encodeResult } from "../../cluster/job/result-codec.js";
import type { View } from "../../cluster/member.js";
import type { Pull, Puller, ReductionEffect } from "../../cluster/reduction/reduction-events.js";
import { type Manifest, manifestDigest } from "../../job/manifest.js";
import type { AnswerTable } from "../../job/result.js";
import { NOTHING_SKIPPED } from "../../job/skipped.js";
import { vertexName } from "../../job/tree.js";
import type { Cancel } from "../ports/clock.js";
import type { PullResponder } from "../ports/exchange.js";
import type { DriverPorts } from "./driver-config.js";
import type { Inbox } from "./inbox.js";
import type { VertexWorker } from "./vertex-worker.js";

type Effect<Kind extends ReductionEffect["kind"]> = Extract<ReductionEffect, { kind: Kind }>;

/** A peer that gathers a vertex above, or a client of this node. */
export type PreviewAsker =
  | { readonly kind: "peer"; readonly responder: PullResponder }
  | { readonly kind: "client"; readonly done: (outcome: Preview) => void };

/** What there is of an answer, or why it cannot be shown. */
export type Preview =
  | { readonly table: AnswerTable; readonly doneBytes: number }
  | { readonly error: string; readonly doneBytes: number };

export class PreviewEffects {
  readonly #ports: DriverPorts;
  readonly #inbox: Inbox;
  readonly #worker: VertexWorker;
  readonly #view: () => View;
  readonly #pulls = new Map<Pull, Cancel>();
  readonly askers = new Map<Puller, PreviewAsker>();

  constructor(ports: DriverPorts, inbox: Inbox, worker: VertexWorker, view: () => View) {
    this.#ports = ports;
    this.#inbox = inbox;
    this.#worker = worker;
    this.#view = view;
  }

  pull({ pull, from, manifest, vertex, key, previewMs }: Effect<"preview-pull">): void {
    const answered = (held: VertexKey | undefined, doneBytes: number): void => {
      this.#pulls.delete(pull);
      this.#inbox.reduction({ kind: "preview-answered", pull, key: held, doneBytes });
    };
    const member = this.#view().members.find(({ id }) => id === from);
    if (member === undefined) {
      answered(undefined, 0);
      return;
    }
    const request = {
      jobId: manifest.jobId,
      kind: "reduce" as const,
      vertex: vertexName(vertex),
      manifestDigest: manifestDigest(manifest),
      previewMs,
    };
    const cancel = this.#ports.exchange.pull(member, request, {
      onProgress: () => undefined,
      onPartial: (partial, { coveredBytes = 0, skipped = NOTHING_SKIPPED }) => {
        this.#worker.receive(key, manifest, partial, skipped);
        answered(key, coveredBytes);
      },
      onFailure: () => answered(undefined, 0),
    });
    this.#pulls.set(pull, cancel);
  }

  cancelPull(pull: Pull): void {
    this.#pulls.get(pull)?.();
    this.#pulls.delete(pull);
  }

  /** The merged value has a key of its own and is let go at once: what is less than its vertex is never kept. */
  ready({ asker: number, manifest, keys, doneBytes }: Effect<"preview-ready">): void {
    const asker = this.askers.get(number);
    this.askers.delete(number);
    if (asker === undefined) return;
    const key = `preview for ${number}` as VertexKey;
    const fail = (detail: string): void => {
      if (asker.kind === "client") asker.done({ error: detail, doneBytes });
      else asker.responder.fail("failed", detail);
    };
    const lost = this.#worker.merge(key, manifest, keys, {
      onProgress: () => undefined,
      onDone: () => this.#tell(asker, key, manifest, doneBytes),
      onFailed: (_failure, detail) => fail(detail),
    });
    if (lost.length > 0) fail(`the store lost the value of vertex ${lost.join(", ")}; ask again`);
  }

  #tell(asker: PreviewAsker, key: VertexKey, manifest: Manifest, doneBytes: number): void {
    if (asker.kind === "client") {
      const isThere = this.#worker.finish(key, manifest, {
        onDone: (table) => asker.done(withinCap(table, manifest, doneBytes)),
        onFailed: (error) => asker.done({ error: error.message, doneBytes }),
      });
      if (!isThere) asker.done({ error: "the preview was lost", doneBytes });
    } else {
      const bytes = this.#worker.bytesOf(key);
      if (bytes === undefined) asker.responder.fail("failed", "the preview was lost");
      else asker.responder.partial(bytes, { isFound: true, coveredBytes: doneBytes });
    }
    this.#worker.forget(key);
  }
}

/** A preview is held to the cap of the result. */
function withinCap(table: AnswerTable, manifest: Manifest, doneBytes: number): Preview {
  const { maxResultBytes } = manifest.request;
  const sizeBytes = encodeResult(table).length;
  if (sizeBytes <= maxResultBytes) return { table, doneBytes };
  return { error: `the preview has ${sizeBytes} bytes and the cap is ${maxResultBytes}; add LIMIT`, doneBytes };
}
