import type { KeyedItem, MetricSummary, UpdateRecord } from "../records/record.js";
import { encodeJson, type LoggedValue } from "../values/json.js";
import { formatNumber } from "../values/number.js";
import { type Branch, isObject, type Leaf } from "./row.js";

/** What is known of one logged value. Statistics are kept from the first row on, whether they are asked for or not. */
class Aggregate {
  kinds: MetricSummary | undefined;
  /** Undefined when nothing was logged yet, or only null. */
  latest: Leaf | undefined;
  first: Leaf | undefined;
  min = 0;
  max = 0;
  sum = 0;
  count = 0;
  changed = false;

  observe(leaf: Leaf): void {
    this.latest = leaf;
    if (this.first === undefined) this.first = leaf;
    if (typeof leaf === "number") this.#observeNumber(leaf);
    else if (typeof leaf === "bigint") this.#observeNumber(Number(leaf));
  }

  #observeNumber(value: number): void {
    if (this.count === 0) {
      this.min = value;
      this.max = value;
    } else {
      // NaN stays, as in the official client.
      this.min = Math.min(this.min, value);
      this.max = Math.max(this.max, value);
    }
    this.sum += value;
    this.count++;
  }

  /** The summary value; undefined when there is none. */
  value(): LoggedValue | undefined {
    const kinds = this.kinds;
    if (kinds === undefined) return this.latest;
    if (kinds.none || this.first === undefined) return undefined;
    return {
      ...(kinds.last ? { last: this.latest! } : {}),
      ...(kinds.first ? { first: this.first } : {}),
      ...(kinds.min ? { min: this.min } : {}),
      ...(kinds.max ? { max: this.max } : {}),
      ...(kinds.mean ? { mean: this.sum / this.count } : {}),
    };
  }

  /** The JSON text of the summary value; undefined when there is none. */
  text(): string | undefined {
    const kinds = this.kinds;
    if (kinds === undefined) {
      return this.latest === undefined || this.latest === null ? undefined : encodeJson(this.latest);
    }
    if (kinds.none || this.first === undefined) return undefined;
    const parts: string[] = [];
    if (kinds.last) parts.push(`"last":${encodeJson(this.latest!)}`);
    if (kinds.first) parts.push(`"first":${encodeJson(this.first)}`);
    if (kinds.min) parts.push(`"min":${formatNumber(this.min)}`);
    if (kinds.max) parts.push(`"max":${formatNumber(this.max)}`);
    if (kinds.mean) parts.push(`"mean":${formatNumber(this.sum / this.count)}`);
    return `{${parts.join(",")}}`;
  }
}

type SummaryNode = Aggregate | Map<string, SummaryNode>;

const CONFIGURED: readonly (keyof MetricSummary)[] = ["last", "first", "min", "max", "mean", "none"];

/**
 * The summary of a run: the last value of everything logged, or what `defineMetric` asked for, and what the script set
 * itself. Changes are collected, and written as one record when `flush` is called: every value in between would be
 * overwritten anyway.
 */
export class RunSummary {
  readonly #write: (record: UpdateRecord) => void;
  readonly #root = new Map<string, SummaryNode>();
  #changed: { readonly path: readonly string[]; readonly leaf: Aggregate }[] = [];

  constructor(write: (record: UpdateRecord) => void) {
    this.#write = write;
  }

  /** Takes the values of a history row. */
  observe(row: Branch): void {
    this.#observe(this.#root, row, []);
  }

  /** Sets what is kept of the value at a path. */
  configure(path: readonly string[], kinds: MetricSummary): void {
    const asked = CONFIGURED.some((kind) => kinds[kind]);
    this.#leafAt(path).kinds = asked ? { ...kinds } : undefined;
  }

  /** Sets a value over the derived one; the next row that logs it overwrites it again. */
  set(path: readonly string[], value: LoggedValue): void {
    this.setAll([[path, value]]);
  }

  /** Sets several values with one record. */
  setAll(values: readonly (readonly [path: readonly string[], value: LoggedValue])[]): void {
    this.#writeChanged([]);
    for (const [path, value] of values) this.#remember(path, value);
    this.#write({
      update: values.map(([path, value]) => ({ ...keyOf(path), valueJson: encodeJson(value) })),
    });
  }

  /** The value at a path, or an object of what is below it; undefined when there is none. */
  valueAt(path: readonly string[]): LoggedValue | undefined {
    let node: SummaryNode | undefined = this.#root;
    for (const key of path) node = node instanceof Map ? node.get(key) : undefined;
    return node === undefined ? undefined : summaryValue(node);
  }

  /** Removes a value or everything below a path. */
  remove(path: readonly string[]): void {
    this.#writeChanged([]);
    this.#forget(path);
    this.#write({ remove: [keyOf(path)] });
  }

  /** Writes what changed since the last time, with the run's duration in whole seconds; nothing when nothing changed. */
  flush(runtimeSeconds: number): void {
    if (this.#changed.length === 0) return;
    this.#writeChanged([runtimeItem(runtimeSeconds)]);
  }

  /** Writes what changed and the final duration, which replaces the last row's `_runtime`. */
  finish(runtimeSeconds: number): void {
    this.flush(runtimeSeconds);
    const seconds = String(Math.trunc(runtimeSeconds));
    this.#write({ update: [runtimeItem(runtimeSeconds), { key: "_runtime", valueJson: seconds }] });
  }

  /** An explicit value is no statistic; those of its members that are logged go on to be. */
  #remember(path: readonly string[], value: LoggedValue): void {
    if (isObject(value)) {
      this.#forget(path);
      for (const [key, member] of Object.entries(value)) {
        if (member !== undefined) this.#remember([...path, key], member);
      }
      return;
    }
    const leaf = this.#leafAt(path);
    leaf.kinds = undefined;
    leaf.latest = value as Leaf;
  }

  #forget(path: readonly string[]): void {
    let branch: Map<string, SummaryNode> | undefined = this.#root;
    for (const key of path.slice(0, -1)) {
      const next: SummaryNode | undefined = branch?.get(key);
      branch = next instanceof Map ? next : undefined;
    }
    branch?.delete(path.at(-1)!);
  }

  #writeChanged(update: KeyedItem[]): void {
    if (this.#changed.length === 0) return;
    for (const { path, leaf } of this.#changed) {
      leaf.changed = false;
      const valueJson = leaf.text();
      if (valueJson !== undefined) update.push({ nestedKey: [...path], valueJson });
    }
    this.#changed = [];
    if (update.length > 0) this.#write({ update });
  }

  #observe(branch: Map<string, SummaryNode>, row: Branch, path: readonly string[]): void {
    for (const [key, value] of row) {
      let node = branch.get(key);
      if (value instanceof Map) {
        if (!(node instanceof Map)) {
          node = new Map();
          branch.set(key, node);
        }
        this.#observe(node, value, [...path, key]);
        continue;
      }
      if (!(node instanceof Aggregate)) {
        node = new Aggregate();
        branch.set(key, node);
      }
      node.observe(value);
      if (!node.changed) {
        node.changed = true;
        this.#changed.push({ path: path.length === 0 ? [key] : [...path, key], leaf: node });
      }
    }
  }

  #leafAt(path: readonly string[]): Aggregate {
    let branch = this.#root;
    for (const key of path.slice(0, -1)) {
      let next = branch.get(key);
      if (!(next instanceof Map)) {
        next = new Map();
        branch.set(key, next);
      }
      branch = next;
    }
    const last = path.at(-1)!;
    let leaf = branch.get(last);
    if (!(leaf instanceof Aggregate)) {
      leaf = new Aggregate();
      branch.set(last, leaf);
    }
    return leaf;
  }
}

/** As the summary shows it: an object of statistics for a metric that asks for them. */
function summaryValue(node: SummaryNode): LoggedValue | undefined {
  if (node instanceof Map) {
    return Object.fromEntries([...node].map(([key, member]) => [key, summaryValue(member)]));
  }
  return node.value();
}

/** The official client names one level by `key` and more by `nested_key`. */
function keyOf(path: readonly string[]): KeyedItem {
  return path.length === 1 ? { key: path[0]! } : { nestedKey: [...path] };
}

function runtimeItem(seconds: number): KeyedItem {
  return { nestedKey: ["_wandb", "runtime"], valueJson: String(Math.trunc(seconds)) };
}
