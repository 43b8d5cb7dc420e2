import { join } from "node:path";
import type { RunConfig } from "../config/config.js";
import type { SettingValues } from "../settings/setting-table.js";
import { readConfigFile } from "./config-file.js";

/**
 * Sets the values a run starts with: a sweep's parameters, which are locked, over the files of `configPaths` over the given
 * ones over `config-defaults.yaml` of the working directory. Throws `invalid-file` for a file that cannot be read.
 */
export function fillConfig(
  config: RunConfig,
  given: { readonly [key: string]: unknown },
  values: SettingValues,
  cwd: string,
): void {
  const defaults = readConfigFile(join(cwd, "config-defaults.yaml")) ?? {};
  const files = (values.configPaths ?? []).map((path) => readConfigFile(path) ?? {});
  config.update({ ...defaults, ...given, ...Object.assign({}, ...files) });
  const parameters = values.sweepParamPath === undefined ? undefined : readConfigFile(values.sweepParamPath);
  if (parameters !== undefined) config.lock(parameters, "sweep");
}
