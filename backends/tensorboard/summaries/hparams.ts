import type { HparamsEvent, HparamValue } from "../../../src/events/event.js";
import type { ValueMessage } from "../messages.js";
import { encodeMessage } from "../schema.js";

const STATUS = { finished: 1, failed: 2, killed: 2 } as const;
const TYPE_STRING = 1;
const TYPE_FLOAT = 3;

type Hparams = { readonly [name: string]: HparamValue };

/** torch stores truth values as the numbers 1 and 0, and leaves out null. */
function toMessage(value: HparamValue): { numberValue: number } | { stringValue: string } {
  return typeof value === "string" ? { stringValue: value } : { numberValue: Number(value) };
}

function isSet(entry: readonly [string, HparamValue]): boolean {
  return entry[1] !== null;
}

function hparamsValue(part: string, data: object): ValueMessage {
  const content = encodeMessage("HparamsData", data);
  return {
    tag: `_hparams_/${part}`,
    metadata: { pluginData: { pluginName: "hparams", content } },
  };
}

/** Makes the run a row of the HParams page. Only the first one of a run counts. */
export function sessionStartValue(hparams: Hparams): ValueMessage {
  const values = Object.entries(hparams)
    .filter(isSet)
    .map(([name, value]) => [name, toMessage(value)]);
  return hparamsValue("session_start_info", { sessionStartInfo: { hparams: Object.fromEntries(values) } });
}

/** How the session ended. Only the first one of a run counts, so it is written at the end. */
export function sessionEndValue(status: keyof typeof STATUS): ValueMessage {
  return hparamsValue("session_end_info", { sessionEndInfo: { status: STATUS[status] } });
}

/**
 * The columns of the HParams page with the values a hyperparameter may have. The columns of one run count for all of
 * them, so it is written only for `domainDiscrete`: without it TensorBoard finds the columns of every run itself.
 */
export function experimentValue({ hparams, metrics, domainDiscrete = {} }: HparamsEvent): ValueMessage {
  const hparamInfos = Object.entries(hparams)
    .filter(isSet)
    .map(([name, value]) => {
      const type = typeof value === "string" ? TYPE_STRING : TYPE_FLOAT;
      const domain = domainDiscrete[name];
      return domain === undefined
        ? { name, type }
        : { name, type, domainDiscrete: { values: domain.map(toMessage) } };
    });
  const metricInfos = Object.keys(metrics).map((tag) => ({ name: { tag } }));
  return hparamsValue("experiment", { experiment: { hparamInfos, metricInfos } });
}
