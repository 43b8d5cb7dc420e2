import type { Arguments, Directive, Document, Operation, Selection, Value } from "./document.js";

/**
 * Answers a parsed request from plain objects. A field's value is a constant or a function (also an asynchronous one)
 * of its arguments; a field
 * that the object does not have is refused the way GraphQL servers refuse it (`Cannot query field`), which is what W&B
 * clients look for when they fall back to an older query.
 */

export type JsonMap = { readonly [key: string]: unknown };
export type Resolver = (args: JsonMap) => unknown;

/** An object of the schema: `__typename` and its fields. */
export interface Node {
  readonly __typename: string;
  readonly [field: string]: unknown;
}

/** An error the client sees in `errors`; `status` is the HTTP status it travels with. */
export class GraphqlError extends Error {
  readonly status: number;
  constructor(message: string, status = 200) {
    super(message);
    this.status = status;
  }
}

export interface Schema {
  readonly query: Node;
  readonly mutation: Node;
  /** Names of the types behind an interface or union, for fragments on it. */
  readonly possibleTypes: { readonly [abstractType: string]: readonly string[] };
}

/** The operation to run: by name, or the only one of the document. */
export function chooseOperation(document: Document, name: string | undefined): Operation {
  const operation =
    name === undefined
      ? document.operations[0]
      : document.operations.find((candidate) => candidate.name === name);
  if (operation === undefined) throw new GraphqlError(`Unknown operation named "${name}".`, 400);
  return operation;
}

/**
 * Runs one operation and returns its `data`.
 *
 * @throws GraphqlError for unknown fields, missing required variables, and whatever resolvers refuse.
 */
export async function execute(
  schema: Schema,
  document: Document,
  operation: Operation,
  given: JsonMap,
): Promise<JsonMap> {
  const pending: Promise<void>[] = [];
  const variables = new Map<string, unknown>();
  for (const declaration of operation.variables) {
    const value = given[declaration.name];
    if (value !== undefined) variables.set(declaration.name, value);
    else if (declaration.default !== undefined)
      variables.set(declaration.name, constant(declaration.default));
    if (declaration.type.endsWith("!") && (variables.get(declaration.name) ?? null) === null)
      throw new GraphqlError(
        `Variable "$${declaration.name}" of required type "${declaration.type}" was not provided.`,
        400,
      );
  }
  const declared = new Set(operation.variables.map((declaration) => declaration.name));

  function constant(value: Value): unknown {
    switch (value.kind) {
      case "literal":
        return value.value;
      case "list":
        return value.items.map(constant);
      case "object":
        return argumentsOf(value.fields);
      case "variable":
        if (!declared.has(value.name))
          throw new GraphqlError(`Variable "$${value.name}" is not defined.`, 400);
        return variables.get(value.name);
    }
  }

  function argumentsOf(args: Arguments): JsonMap {
    const found: { [key: string]: unknown } = {};
    for (const [key, value] of args) {
      const resolved = constant(value);
      if (resolved !== undefined) found[key] = resolved;
    }
    return found;
  }

  function included(directives: readonly Directive[]): boolean {
    return directives.every((directive) => {
      const condition = argumentsOf(directive.arguments)["if"];
      return directive.name === "skip" ? !condition : directive.name === "include" ? condition : true;
    });
  }

  function applies(type: string | undefined, node: Node): boolean {
    return (
      type === undefined ||
      type === node.__typename ||
      type === "Node" ||
      (schema.possibleTypes[type]?.includes(node.__typename) ?? false)
    );
  }

  function select(selections: readonly Selection[], node: Node, into: { [key: string]: unknown }): void {
    for (const selection of selections) {
      if (!included(selection.directives)) continue;
      if (selection.kind === "inline") {
        if (applies(selection.type, node)) select(selection.selections, node, into);
      } else if (selection.kind === "spread") {
        const fragment = document.fragments.get(selection.fragment);
        if (fragment === undefined) throw new GraphqlError(`Unknown fragment "${selection.fragment}".`, 400);
        if (applies(fragment.type, node)) select(fragment.selections, node, into);
      } else {
        if (!(selection.name in node))
          throw new GraphqlError(`Cannot query field "${selection.name}" on type "${node.__typename}".`, 400);
        const field = node[selection.name];
        const value =
          typeof field === "function" ? (field as Resolver)(argumentsOf(selection.arguments)) : field;
        if (value instanceof Promise)
          pending.push(
            value.then((settled: unknown) => {
              into[selection.key] = complete(selection.selections, settled, undefined);
            }),
          );
        else into[selection.key] = complete(selection.selections, value, into[selection.key]);
      }
    }
  }

  function complete(selections: readonly Selection[], value: unknown, before: unknown): unknown {
    if (value === null || value === undefined) return null;
    if (Array.isArray(value))
      return value.map((item, index) =>
        complete(selections, item, Array.isArray(before) ? before[index] : undefined),
      );
    if (selections.length === 0) return value;
    // The same field may be selected twice (directly and by a fragment): both selections end up in one object.
    const into = (before ?? {}) as { [key: string]: unknown };
    select(selections, value as Node, into);
    return into;
  }

  const data: { [key: string]: unknown } = {};
  select(operation.selections, operation.type === "query" ? schema.query : schema.mutation, data);
  while (pending.length > 0) await pending.shift();
  return data;
}
