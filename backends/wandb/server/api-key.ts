/** Parts of a token in three: it is taken as it is. */
const TOKEN = /^[\p{L}\p{N}_-]+\.[\p{L}\p{N}_-]+\.[\p{L}\p{N}_-]+$/u;
const SECRET = /^[\p{L}\p{N}_-]+$/u;
const SHORTEST_SECRET = 40;

/**
 * What is wrong with the form of an API key; undefined when nothing is. The key is never part of the answer.
 *
 * A key is 40 characters or more of letters, digits, `_` and `-`, behind a prefix up to the first `-` when it is one of a
 * server of one's own (`local-...`).
 */
export function keyProblem(key: string): string | undefined {
  if (key === "") return "the API key is empty";
  if (key !== key.trim()) return "the API key begins or ends with a blank";
  if (TOKEN.test(key)) return undefined;
  const dash = key.indexOf("-");
  const secret = key.slice(dash + 1);
  if (!SECRET.test(secret)) return "the API key has characters other than letters, digits, _ and -";
  if (secret.length < SHORTEST_SECRET)
    return `the API key has ${secret.length} characters, and not ${SHORTEST_SECRET} or more; was all of it copied?`;
  return undefined;
}
