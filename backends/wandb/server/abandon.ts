import type { Readable } from "node:stream";

/**
 * Closes an answer that nobody reads on. Destroying alone would end the process: the body of undici tells of it as an error
 * that nobody listens to.
 */
export function abandon(body: Readable): void {
  body.on("error", () => {});
  body.destroy();
}
