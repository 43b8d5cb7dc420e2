import type { RankRole } from "../../../src/backend/contract.js";
import { type RunSettings, writerLabel } from "./run-settings.js";

/**
 * The settings of a rank: what the rank policy has decided over what was set. A run that is kept offline stays so, with the
 * settings that its writers have online; a group that somebody gave is kept.
 */
export function withRank(settings: RunSettings, rank: RankRole | undefined): RunSettings {
  if (rank === undefined) return settings;
  const { primary, shared } = rank;
  const group = settings.group ?? rank.group;
  if (!shared) return { ...settings, group };
  return {
    ...settings,
    group,
    mode: settings.mode === "online" ? "shared" : settings.mode,
    shared: true,
    values: {
      ...settings.values,
      label: rank.label ?? settings.values.label ?? writerLabel(settings.host),
      primary,
      updateFinishState: primary,
    },
  };
}
