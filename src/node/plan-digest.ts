/** What of a plan decides the values of a job's vertices. */

import { canonicalJson } from "../base/canonical-json.js";
import { digestOf } from "../base/digest.js";
import type { Digest } from "../base/ids.js";
import { type MapPlan, mapPlanDigest } from "../engine/plan.js";
import type { ManifestFile } from "../job/manifest.js";

/** The rows of a row query carry their file's place in the manifest: they are good for the same list of files only. */
export function jobPlanDigest(map: MapPlan, files: readonly ManifestFile[]): Digest {
  if (map.rows === undefined) return mapPlanDigest(map);
  const places = files.map(({ source, node, path }) => [source, node, path]);
  return digestOf(mapPlanDigest(map), canonicalJson(places));
}
