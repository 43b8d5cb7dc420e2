import type { LoggedValue } from "../values/json.js";

/*
 * The part of YAML that configuration files of W&B are written in: mappings and sequences by indentation or in brackets,
 * plain and quoted scalars, comments. Anchors, tags, block texts and several documents are refused.
 */

interface Line {
  readonly number: number;
  readonly indent: number;
  readonly text: string;
}

/** The value of a YAML text. Throws an error that names the line when it is beyond what is read here. */
export function parseYaml(text: string): LoggedValue {
  const lines = text
    .split(/\r?\n/)
    .map((raw, i): Line => {
      const content = withoutComment(raw).trimEnd();
      return { number: i + 1, indent: content.search(/\S/), text: content.trim() };
    })
    .filter(({ text: content }) => content !== "" && content !== "---");
  if (lines.length === 0) return {};
  const reader = { lines, at: 0 };
  const value = readBlock(reader, lines[0]!.indent);
  if (reader.at < lines.length) fail(lines[reader.at]!, "the indentation does not fit");
  return value;
}

interface Reader {
  readonly lines: readonly Line[];
  at: number;
}

function readBlock(reader: Reader, indent: number): LoggedValue {
  const isSequence = /^-(\s|$)/.test(reader.lines[reader.at]!.text);
  return isSequence ? readSequence(reader, indent) : readMapping(reader, indent);
}

function readSequence(reader: Reader, indent: number): LoggedValue {
  const items: LoggedValue[] = [];
  for (let line = reader.lines[reader.at]; line?.indent === indent; line = reader.lines[reader.at]) {
    if (!/^-(\s|$)/.test(line.text)) break;
    const rest = line.text.slice(1).trimStart();
    if (rest === "") {
      reader.at++;
      items.push(readNested(reader, indent + 1));
      continue;
    }
    if (keyOf(rest) === undefined) {
      reader.at++;
      items.push(scalar(rest, line));
      continue;
    }
    // A mapping that begins behind the dash goes on where its first key stands.
    const inner = { ...line, indent: indent + line.text.length - rest.length, text: rest };
    (reader.lines as Line[])[reader.at] = inner;
    items.push(readMapping(reader, inner.indent));
  }
  return items;
}

function readMapping(reader: Reader, indent: number): LoggedValue {
  const values: { [key: string]: LoggedValue } = {};
  for (let line = reader.lines[reader.at]; line?.indent === indent; line = reader.lines[reader.at]) {
    const found = keyOf(line.text);
    if (found === undefined) fail(line, 'a line of the form "key: value" is expected');
    reader.at++;
    const value = found.rest === "" ? readNested(reader, indent) : scalar(found.rest, line);
    Object.defineProperty(values, found.key, { value, enumerable: true, configurable: true, writable: true });
  }
  return values;
}

/** What stands below a key or a dash; sequences may stand at the key's own indentation. */
function readNested(reader: Reader, indent: number): LoggedValue {
  const next = reader.lines[reader.at];
  if (next === undefined) return null;
  if (next.indent > indent || (next.indent === indent && /^-(\s|$)/.test(next.text))) {
    return readBlock(reader, next.indent);
  }
  return null;
}

function keyOf(text: string): { readonly key: string; readonly rest: string } | undefined {
  const found =
    /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'[{&*!|>%@`#-][^#]*?|-[^\s][^#]*?)\s*:(?:\s+(.*))?$/.exec(text);
  if (found === null) return undefined;
  const name = found[1]!;
  const quoted = name.startsWith('"') || name.startsWith("'");
  return { key: quoted ? unquote(name) : name, rest: found[2] ?? "" };
}

function scalar(text: string, line: Line): LoggedValue {
  if (/^[&*!|>]/.test(text)) fail(line, `"${text[0]}" is not supported`);
  if (/^[[{]/.test(text)) {
    const flow = { text, at: 0 };
    const value = readFlow(flow, line);
    if (flow.text.slice(flow.at).trim() !== "") fail(line, "there is text behind the brackets");
    return value;
  }
  return plain(text, line);
}

function plain(text: string, line: Line): LoggedValue {
  if (/^["']/.test(text)) {
    if (text.length < 2 || text.at(-1) !== text[0]) fail(line, "a quote is not closed");
    return unquote(text);
  }
  if (/^(~|null|Null|NULL)$/.test(text)) return null;
  if (/^(true|True|TRUE|yes|Yes|on|On)$/.test(text)) return true;
  if (/^(false|False|FALSE|no|No|off|Off)$/.test(text)) return false;
  if (/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text)) return Number(text);
  if (/^0x[0-9a-fA-F]+$/.test(text)) return Number(text);
  if (/^[-+]?\.(inf|Inf|INF)$/.test(text))
    return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return /^\.(nan|NaN|NAN)$/.test(text) ? Number.NaN : text;
}

function readFlow(flow: { readonly text: string; at: number }, line: Line): LoggedValue {
  const skip = (): string => {
    while (/\s/.test(flow.text[flow.at] ?? "")) flow.at++;
    return flow.text[flow.at] ?? fail(line, "a bracket is not closed");
  };
  const open = skip();
  if (open !== "[" && open !== "{") {
    const found = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,\]}]*?(?=\s*(?:,|\]|\}|:\s|$)))/.exec(
      flow.text.slice(flow.at),
    )!;
    flow.at += found[0].length;
    return plain(found[0].trim(), line);
  }
  flow.at++;
  const items: LoggedValue[] = [];
  const values: { [key: string]: LoggedValue } = {};
  for (;;) {
    const next = skip();
    if (next === (open === "[" ? "]" : "}")) {
      flow.at++;
      return open === "[" ? items : values;
    }
    if (next === ",") {
      flow.at++;
      continue;
    }
    const item = readFlow(flow, line);
    if (open === "[") items.push(item);
    else if (skip() === ":") {
      flow.at++;
      values[String(item)] = readFlow(flow, line);
    } else fail(line, "a key in braces has no value");
  }
}

function unquote(text: string): string {
  const inner = text.slice(1, -1);
  return text.startsWith("'") ? inner.replaceAll("''", "'") : (JSON.parse(`"${inner}"`) as string);
}

/** `#` begins a comment at the start and behind a blank, outside quotes. */
function withoutComment(line: string): string {
  let quote = "";
  for (let i = 0; i < line.length; i++) {
    const character = line[i]!;
    if (quote !== "") {
      if (character === "\\" && quote === '"') i++;
      else if (character === quote) quote = "";
    } else if ((character === '"' || character === "'") && /^$|[\s,[{:]/.test(line[i - 1] ?? ""))
      quote = character;
    else if (character === "#" && /^$|\s/.test(line[i - 1] ?? "")) return line.slice(0, i);
  }
  return line;
}

function fail(line: Line, why: string): never {
  throw new Error(`line ${line.number}: ${why}`);
}
