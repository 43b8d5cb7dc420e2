import { DataType, shapeMessage, type ValueMessage } from "../messages.js";

const utf8 = new TextEncoder();

/** Markdown text, as torch's `add_text`: a string tensor of shape [1] under `<tag>/text_summary`. */
export function textValue(tag: string, text: string): ValueMessage {
  return {
    tag: `${tag}/text_summary`,
    tensor: { dtype: DataType.string, tensorShape: shapeMessage([1]), stringVal: [utf8.encode(text)] },
    metadata: { pluginData: { pluginName: "text" } },
  };
}
