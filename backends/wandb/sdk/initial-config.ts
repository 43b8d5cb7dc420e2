import type { RunConfig } from "../config/config.js";
import type { SettingValues } from "../settings/setting-table.js";

/** Sets the values a run starts with. */
export function fillConfig(
  config: RunConfig,
  given: { readonly [key: string]: unknown },
  _values: SettingValues,
  _cwd: string,
): void {
  config.update(given);
}
