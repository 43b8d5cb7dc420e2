import type { Storage } from "../storage.js";
import type { Store } from "../store.js";

/** What the resolvers of one request work with. */
export interface SchemaContext {
  readonly store: Store;
  readonly storage: Storage;
  /** The API's own origin, for addresses that need credentials. */
  readonly apiUrl: string;
  /** Whether the request came from one of several writers of a run. */
  readonly shared: boolean;
}
