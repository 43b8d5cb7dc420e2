// The part of zod that option schemas are written with. The build replaces the compiled file by a tree-shaken
// bundle (.ci/bundle-zod.mjs says why), so add a name here before using it in a schema.
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
