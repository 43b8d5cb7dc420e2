// The process a benchmark measures in: node child.js <module> <function> <input as JSON>
// It calls the exported function and sends what it returns to the process that started it.
const [module, name, input] = process.argv.slice(2) as [string, string, string];
const exported = (await import(module)) as Record<string, (input: unknown) => unknown>;
const result = await exported[name]!(JSON.parse(input));
process.send!(result);
