/** What of a view decides where copies of records belong, and which of those that were confirmed still count. */

import { lifeOf, type View } from "../member.js";
import { isPlaced, weightOf } from "../placement/ring.js";

const places = new WeakMap<View, string>();

/**
 * Equal for views that place copies alike: the same members on the ring, each in the same life and as alive. Busy members say
 * so all the time, and no record need be looked at for that.
 */
export function copyPlacesOf(view: View): string {
  const known = places.get(view);
  if (known !== undefined) return known;
  const made = view.members
    .filter(isPlaced)
    .map((member) => `${member.id} ${weightOf(member)} ${member.state} ${lifeOf(member.incarnation)}`)
    .join("\n");
  places.set(view, made);
  return made;
}
