/**
 * Reads the text of a GraphQL request (the executable part of the language: operations, selections, arguments,
 * variables, fragments, directives). Type definitions never travel in requests and are refused.
 */

export type Value =
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  | { readonly kind: "list"; readonly items: readonly Value[] }
  | { readonly kind: "object"; readonly fields: Arguments };

export type Arguments = ReadonlyMap<string, Value>;

export interface Directive {
  readonly name: string;
  readonly arguments: Arguments;
}

export interface Field {
  readonly kind: "field";
  /** Key in the answer: the alias, or the name. */
  readonly key: string;
  readonly name: string;
  readonly arguments: Arguments;
  readonly directives: readonly Directive[];
  readonly selections: readonly Selection[];
}

export type Selection =
  | Field
  | { readonly kind: "spread"; readonly fragment: string; readonly directives: readonly Directive[] }
  | {
      readonly kind: "inline";
      readonly type: string | undefined;
      readonly directives: readonly Directive[];
      readonly selections: readonly Selection[];
    };

export interface VariableDeclaration {
  readonly name: string;
  readonly type: string;
  readonly default: Value | undefined;
}

export interface Operation {
  readonly type: "query" | "mutation";
  readonly name: string | undefined;
  readonly variables: readonly VariableDeclaration[];
  readonly selections: readonly Selection[];
}

export interface Document {
  readonly operations: readonly Operation[];
  readonly fragments: ReadonlyMap<
    string,
    { readonly type: string; readonly selections: readonly Selection[] }
  >;
}

// Blank, comma and comment are ignored; then punctuator, name, number, block string or string.
const TOKEN =
  /[\s,\uFEFF]+|#[^\n]*|(\.\.\.|[!$()[\]{}:=|@&])|([A-Za-z_]\w*)|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|("""[\s\S]*?""")|("(?:[^"\\\n]|\\.)*")/y;

function tokenise(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new SyntaxError(`Syntax Error: unexpected character at ${at}`);
    const token = match[1] ?? match[2] ?? match[3] ?? match[4] ?? match[5];
    if (token !== undefined) tokens.push(token);
  }
  return tokens;
}

const NAME = /^[A-Za-z_]/;

/**
 * @throws SyntaxError when the text is not a GraphQL request.
 *
 * @example
 * ```ts
 * parseDocument("query A($n: String!) { viewer(name: $n) { id } }").operations[0].name; // "A"
 * ```
 */
export function parseDocument(text: string): Document {
  const tokens = tokenise(text);
  let position = 0;

  const peek = () => tokens[position];
  const next = (): string => {
    const token = tokens[position++];
    if (token === undefined) throw new SyntaxError("Syntax Error: unexpected end of the document");
    return token;
  };
  const take = (token: string): boolean => {
    if (tokens[position] !== token) return false;
    position++;
    return true;
  };
  const expect = (token: string) => {
    const found = next();
    if (found !== token) throw new SyntaxError(`Syntax Error: expected ${token}, found ${found}`);
  };
  const name = (): string => {
    const token = next();
    if (!NAME.test(token)) throw new SyntaxError(`Syntax Error: expected a name, found ${token}`);
    return token;
  };

  function value(): Value {
    const token = next();
    if (token === "$") return { kind: "variable", name: name() };
    if (token === "[") {
      const items: Value[] = [];
      while (!take("]")) items.push(value());
      return { kind: "list", items };
    }
    if (token === "{") {
      const fields = new Map<string, Value>();
      while (!take("}")) {
        const key = name();
        expect(":");
        fields.set(key, value());
      }
      return { kind: "object", fields };
    }
    if (token === "true" || token === "false") return { kind: "literal", value: token === "true" };
    if (token === "null") return { kind: "literal", value: null };
    if (token.startsWith('"""')) return { kind: "literal", value: token.slice(3, -3) };
    if (token.startsWith('"')) return { kind: "literal", value: JSON.parse(token) as string };
    if (NAME.test(token)) return { kind: "literal", value: token };
    return { kind: "literal", value: Number(token) };
  }

  function args(): Arguments {
    const found = new Map<string, Value>();
    if (!take("(")) return found;
    while (!take(")")) {
      const key = name();
      expect(":");
      found.set(key, value());
    }
    return found;
  }

  function directives(): Directive[] {
    const found: Directive[] = [];
    while (take("@")) found.push({ name: name(), arguments: args() });
    return found;
  }

  function selections(): Selection[] {
    expect("{");
    const found: Selection[] = [];
    while (!take("}")) {
      if (take("...")) {
        if (peek() !== undefined && NAME.test(peek()!) && peek() !== "on") {
          found.push({ kind: "spread", fragment: name(), directives: directives() });
        } else {
          const type = take("on") ? name() : undefined;
          found.push({ kind: "inline", type, directives: directives(), selections: selections() });
        }
        continue;
      }
      const key = name();
      const fieldName = take(":") ? name() : key;
      const fieldArguments = args();
      const fieldDirectives = directives();
      found.push({
        kind: "field",
        key,
        name: fieldName,
        arguments: fieldArguments,
        directives: fieldDirectives,
        selections: peek() === "{" ? selections() : [],
      });
    }
    return found;
  }

  function type(): string {
    let text: string;
    if (take("[")) {
      text = `[${type()}]`;
      expect("]");
    } else {
      text = name();
    }
    return take("!") ? `${text}!` : text;
  }

  function variables(): VariableDeclaration[] {
    const found: VariableDeclaration[] = [];
    if (!take("(")) return found;
    while (!take(")")) {
      expect("$");
      const variable = name();
      expect(":");
      found.push({ name: variable, type: type(), default: take("=") ? value() : undefined });
    }
    return found;
  }

  const operations: Operation[] = [];
  const fragments = new Map<string, { type: string; selections: readonly Selection[] }>();
  while (position < tokens.length) {
    if (peek() === "{") {
      operations.push({ type: "query", name: undefined, variables: [], selections: selections() });
      continue;
    }
    const keyword = name();
    if (keyword === "fragment") {
      const fragment = name();
      expect("on");
      fragments.set(fragment, { type: name(), selections: selections() });
    } else if (keyword === "query" || keyword === "mutation") {
      const operationName = peek() !== undefined && NAME.test(peek()!) ? name() : undefined;
      const declared = variables();
      directives();
      operations.push({
        type: keyword,
        name: operationName,
        variables: declared,
        selections: selections(),
      });
    } else {
      throw new SyntaxError(`Syntax Error: unexpected ${keyword}`);
    }
  }
  return { operations, fragments };
}
