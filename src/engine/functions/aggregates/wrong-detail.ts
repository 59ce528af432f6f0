/** Details that no kernel writes: a partial from elsewhere passed all checks of its form, and yet means nothing. */

import { PartialError } from "../../partial/partial-error.js";

export const wrongDetail = (what: string, value: number | bigint): PartialError =>
  new PartialError("malformed", `A partial has the ${what} ${value}, which cannot be; run the query again`);
