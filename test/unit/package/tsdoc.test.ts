import { fileURLToPath } from "node:url";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";

// What an editor shows of an export is what stands in the declarations that are published.

const ENTRIES = {
  tracelet: "dist/src/index.d.ts",
  "tracelet/wandb": "dist/backends/wandb/index.d.ts",
};
const root = new URL("../../..", import.meta.url);
const pathOf = (entry: string): string => fileURLToPath(new URL(entry, root));

let program: ts.Program;
let checker: ts.TypeChecker;
beforeAll(() => {
  program = ts.createProgram(Object.values(ENTRIES).map(pathOf), {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    skipLibCheck: true,
    types: ["node"],
  });
  checker = program.getTypeChecker();
}, 60_000);

interface Export {
  readonly name: string;
  readonly symbol: ts.Symbol;
  /** Whether it is there when the program runs; `export type { Class }` is not. */
  readonly isValue: boolean;
}

function exportsOf(entry: string): Export[] {
  const module = checker.getSymbolAtLocation(program.getSourceFile(pathOf(entry))!)!;
  return checker.getExportsOfModule(module).map((exported) => {
    const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
    const isType = exported.declarations?.some(ts.isTypeOnlyExportDeclaration) ?? false;
    return {
      name: exported.name,
      symbol: isAlias ? checker.getAliasedSymbol(exported) : exported,
      isValue: !isType,
    };
  });
}

const isDescribed = (symbol: ts.Symbol): boolean => symbol.getDocumentationComment(checker).length > 0;
const hasTag = (symbol: ts.Symbol, tag: string): boolean =>
  symbol.getJsDocTags(checker).some(({ name }) => name === tag);

/** Members of a class that are its own, public, and no part of the language's (`Symbol.iterator`). */
const membersOf = (symbol: ts.Symbol): ts.Symbol[] =>
  checker
    .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))
    .filter(
      (member) =>
        !member.name.startsWith("__") && !member.name.endsWith("#private") && !hasTag(member, "internal"),
    )
    .filter(({ declarations = [] }) =>
      declarations.some((declaration) => declaration.getSourceFile().fileName.startsWith(pathOf("dist/"))),
    );

describe.each(Object.entries(ENTRIES))("%s", (_name, entry) => {
  const isKind = (flags: ts.SymbolFlags) => (each: Export) => (each.symbol.flags & flags) !== 0;

  it("says of every export what it is", () => {
    const exported = exportsOf(entry);
    expect(exported.length).toBeGreaterThan(50);
    // A namespace (`plot`) is described where it is exported; its functions count themselves.
    const named = exported.filter((each) => !isKind(ts.SymbolFlags.ValueModule)(each));
    const namespaces = exported.filter(isKind(ts.SymbolFlags.ValueModule));
    const inside = namespaces.flatMap(({ symbol }) => checker.getExportsOfModule(symbol));
    const all = [
      ...named.map(({ symbol }) => symbol),
      ...inside.map((symbol) =>
        symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
      ),
    ];
    expect(all.filter((symbol) => !isDescribed(symbol)).map(({ name }) => name)).toEqual([]);
  });

  it("has an example for every function and class", () => {
    const callable = exportsOf(entry).filter(isKind(ts.SymbolFlags.Function | ts.SymbolFlags.Class));
    const bare = callable.filter(({ isValue, symbol }) => isValue && !hasTag(symbol, "example"));
    expect(bare.map(({ name }) => name)).toEqual([]);
  });

  it("says of every method and property of its classes what it is", () => {
    const classes = exportsOf(entry).filter(isKind(ts.SymbolFlags.Class));
    const bare = classes.flatMap(({ name, symbol }) =>
      membersOf(symbol)
        .filter((member) => !isDescribed(member))
        .map((member) => `${name}.${member.name}`),
    );
    expect(bare).toEqual([]);
  });
});
