import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** The transaction logs that a path stands for: a `.wandb` file, or those in a run's folder (a link to one, too). */
export function findLogs(path: string): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return path.endsWith(".wandb") ? [path] : [];
    return readdirSync(path)
      .filter((name) => name.endsWith(".wandb"))
      .map((name) => join(path, name));
  } catch {
    return [];
  }
}
