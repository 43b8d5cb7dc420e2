import type { LayoutEvent } from "../../../src/events/event.js";
import { DataType, shapeMessage, type ValueMessage } from "../messages.js";
import { encodeMessage } from "../schema.js";

/** The arrangement of the custom-scalars page (`add_custom_scalars`); the last one of a run counts. */
export function layoutValue({ layout }: LayoutEvent): ValueMessage {
  const category = Object.entries(layout).map(([title, charts]) => ({
    title,
    chart: Object.entries(charts).map(([chartTitle, [type, tags]]) => {
      if (type !== "Margin") return { title: chartTitle, multiline: { tag: tags } };
      const [value = "", lower = "", upper = ""] = tags;
      return { title: chartTitle, margin: { series: [{ value, lower, upper }] } };
    }),
  }));
  return {
    tag: "custom_scalars__config__",
    tensor: {
      dtype: DataType.string,
      tensorShape: shapeMessage([]),
      stringVal: [encodeMessage("Layout", { category })],
    },
    metadata: { pluginData: { pluginName: "custom_scalars" } },
  };
}
