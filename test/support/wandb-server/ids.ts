/**
 * Ids as W&B servers give them: base64 of `<Type>:<n>`. Clients treat them as opaque, but decode an artifact's id and
 * write it as hex into `wandb-artifact://` references, so the base64 must be real.
 */
export function createIds(): (type: string) => string {
  let count = 0;
  return (type) => Buffer.from(`${type}:${++count}`).toString("base64");
}

/** The form of an id inside `wandb-artifact://<hex>/<path>`. */
export function hexOfId(id: string): string {
  return Buffer.from(id, "base64").toString("hex");
}
