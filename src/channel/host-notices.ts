import type { HostReporter } from "../backend/host.js";
import type { Notice } from "./protocol.js";

type AboutBackend = Exclude<Notice, { readonly type: "finished" | "reply" }>;
type WithoutExperiment<T> = T extends unknown ? Omit<T, "experiment"> : never;

/** A notice about one backend, before its experiment's number is added. */
export type HostNotice = WithoutExperiment<AboutBackend>;

/** A host's reports as notices, whichever thread the host is on. */
export function noticesOf(backend: string, notify: (notice: HostNotice) => void): HostReporter {
  return {
    opened: (ok) => notify({ type: "opened", backend, ok }),
    trouble: (message) => notify({ type: "trouble", backend, message }),
    location: (where) => notify({ type: "location", backend, where }),
    address: (url) => notify({ type: "address", backend, url }),
    drops: (counts) => notify({ type: "drops", backend, counts }),
  };
}
