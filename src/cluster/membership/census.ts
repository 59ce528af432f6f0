/** How many members there are to reckon with: counted once for each view, and only when it is asked for. */

import type { View } from "../member.js";
import { isPlaced } from "../placement/ring.js";

export class Census {
  #counted: View | undefined;
  #living = 0;
  #suspects = 0;

  of(view: View): { readonly living: number; readonly suspects: number } {
    if (this.#counted !== view) {
      this.#counted = view;
      this.#living = view.members.filter(isPlaced).length;
      this.#suspects = view.members.filter(({ state }) => state === "suspect").length;
    }
    return { living: this.#living, suspects: this.#suspects };
  }
}
