/** Lines as they are: what a file of no known format is read as. */

import { COMMON_FIELDS, type Format } from "./format.js";

export const PLAIN: Format = {
  name: "plain",
  description: "any text, one row a line, in the field _raw",
  required: [],
  optional: [],
  derivations: [],
  fields: COMMON_FIELDS,
};
