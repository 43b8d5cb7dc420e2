import { isDeepStrictEqual } from "node:util";
import { TraceletError } from "../../../src/errors.js";
import type { UpdateRecord } from "../records/record.js";
import { encodeJson, type LoggedValue } from "../values/json.js";
import { normalizeValue } from "../values/normalize.js";

/** What a configuration writes to and reports through. */
export interface ConfigEffects {
  write(record: UpdateRecord): void;
  warn(message: string): void;
}

/**
 * The inputs of a run. A value once set can only be changed on purpose, with `allowValChange`; keys that a sweep has
 * set are locked. Keys lose leading and trailing dashes, as command-line options have them.
 */
export class RunConfig {
  readonly #effects: ConfigEffects;
  readonly #values = new Map<string, LoggedValue>();
  /** Who locked a key. */
  readonly #locked = new Map<string, string>();

  /** `allowValChange`: let every change happen, as `init({ allowValChange: true })` asks. */
  constructor(
    effects: ConfigEffects,
    readonly allowValChange = false,
  ) {
    this.#effects = effects;
  }

  /** A key's value; undefined when it has none. */
  get(key: string): LoggedValue | undefined {
    return this.#values.get(key);
  }

  /** A copy of all values. */
  toObject(): { [key: string]: LoggedValue } {
    return Object.fromEntries(this.#values);
  }

  /** Sets one value. Throws `invalid-value` when the key has another one already. */
  set(key: string, value: unknown): void {
    this.update({ [key]: value });
  }

  /**
   * Sets values, and writes them as one record. Throws `invalid-value` when a key has another value already, unless
   * `allowValChange`; then nothing is set. Locked keys keep their value, with a warning.
   */
  update(values: { readonly [key: string]: unknown }, options: { allowValChange?: boolean } = {}): void {
    if (typeof values !== "object" || values === null || Array.isArray(values)) {
      throw new TraceletError("invalid-value", "config.update() takes values by name.", { backend: "wandb" });
    }
    const changes = new Map<string, LoggedValue>();
    const allowed = options.allowValChange ?? this.allowValChange;
    for (const [name, given] of Object.entries(values)) {
      if (given === undefined) continue;
      const key = configKey(name);
      const owner = this.#locked.get(key);
      if (owner !== undefined) {
        this.#effects.warn(
          `config: "${key}" is set by the ${owner} and keeps its value; the update was ignored.`,
        );
        continue;
      }
      changes.set(key, this.#checked(key, given, allowed));
    }
    this.#apply(changes);
  }

  /** Sets the values of keys that have none. */
  setDefaults(values: { readonly [key: string]: unknown }): void {
    const missing = Object.entries(values).filter(([key]) => !this.#values.has(configKey(key)));
    this.update(Object.fromEntries(missing));
  }

  /** Takes over values of the run that this one goes on with, for keys that have none; they are at the server already. */
  restore(values: { readonly [key: string]: LoggedValue }): void {
    for (const [key, value] of Object.entries(values))
      if (!this.#values.has(key)) this.#values.set(key, value);
  }

  /** Sets values over all others and locks their keys. `owner` is named in warnings: `sweep`. */
  lock(values: { readonly [key: string]: unknown }, owner: string): void {
    const changes = new Map<string, LoggedValue>();
    for (const [name, given] of Object.entries(values)) {
      const key = configKey(name);
      changes.set(key, this.#checked(key, given, true));
      this.#locked.set(key, owner);
    }
    this.#apply(changes);
  }

  /** Sets what W&B keeps for itself under `_wandb`, e.g. `["visualize", "roc"]`. */
  setInternal(path: readonly string[], value: LoggedValue): void {
    this.#effects.write({ update: [{ nestedKey: ["_wandb", ...path], valueJson: encodeJson(value) }] });
  }

  /** All values as the run record holds them, `_wandb` first: the sync of before 0.30 needs it to be there. */
  toRecord(): UpdateRecord {
    return { update: [{ key: "_wandb", valueJson: "{}" }, ...items(this.#values)] };
  }

  #checked(key: string, given: unknown, allowed: boolean): LoggedValue {
    const value = normalizeValue(given, `config "${key}"`, "config");
    const known = this.#values.get(key);
    if (!allowed && known !== undefined && !isDeepStrictEqual(known, value)) {
      throw new TraceletError(
        "invalid-value",
        `config: "${key}" is ${encodeJson(known)} and would become ${encodeJson(value)}. ` +
          "Pass { allowValChange: true } to config.update() if that is meant.",
        { backend: "wandb" },
      );
    }
    return value;
  }

  #apply(changes: ReadonlyMap<string, LoggedValue>): void {
    if (changes.size === 0) return;
    for (const [key, value] of changes) this.#values.set(key, value);
    this.#effects.write({ update: items(changes) });
  }
}

function items(values: ReadonlyMap<string, LoggedValue>): { key: string; valueJson: string }[] {
  return [...values].map(([key, value]) => ({ key, valueJson: encodeJson(value) }));
}

function configKey(name: string): string {
  const key = name.replace(/^-+|-+$/g, "");
  if (key === "_wandb") {
    throw new TraceletError("invalid-value", 'config: the key "_wandb" belongs to W&B; choose another one.', {
      backend: "wandb",
    });
  }
  return key;
}
