// The part of zod that option schemas are written with: add a name here before using it in a schema, so that it is
// plain to see how much of zod goes into the bundle (.ci/bundle.mjs).
export {
  array,
  boolean,
  custom,
  enum as oneOf,
  gt,
  gte,
  int,
  literal,
  lte,
  minLength,
  number,
  optional,
  record,
  refine,
  strictObject,
  string,
  union,
  unknown,
} from "zod/mini";
