/**
 * What to say about an option that does not exist: the one that was probably meant, else all there are.
 *
 * @example
 * ```ts
 * unknownOption("job_type", ["group", "jobType"]); // unknown option "job_type" (did you mean "jobType"?)
 * ```
 */
export function unknownOption(name: string, known: readonly string[]): string {
  const meant = closest(name, known);
  const hint = meant === undefined ? `; known options: ${known.join(", ")}` : ` (did you mean "${meant}"?)`;
  return `unknown option "${name}"${hint}`;
}

/** The name that was probably meant: the same letters in another spelling (`job_type`), a part of it, or a slip or two. */
export function closest(name: string, known: readonly string[]): string | undefined {
  const typed = letters(name);
  const slips = Math.floor(typed.length / 4);
  return (
    known.find((each) => letters(each) === typed) ??
    known.find((each) => slips > 0 && distance(letters(each), typed) <= Math.min(slips, 2)) ??
    known.find((each) => typed.length > 2 && letters(each).endsWith(typed))
  );
}

const letters = (name: string) => name.toLowerCase().replace(/[_-]/g, "");

/** Letters to put in, take out or exchange to get from one word to the other (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [above, letter] of [...from].entries()) {
    const next = [above + 1];
    for (let column = 1; column <= to.length; column++) {
      const exchanged = row[column - 1]! + (letter === to[column - 1] ? 0 : 1);
      next.push(Math.min(exchanged, row[column]! + 1, next[column - 1]! + 1));
    }
    row = next;
  }
  return row.at(-1)!;
}
