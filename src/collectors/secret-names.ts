/**
 * Which names stand for secrets. Machine-learning code is full of words that look like it (`max_tokens`, `pad_token`,
 * `sort_key`, `forward_pass`, `monkey`), so names are compared word by word, never by what they contain.
 */

/** Secret wherever they stand in a name. */
const ALWAYS = new Set([
  "password",
  "passwd",
  "passphrase",
  "passcode",
  "secret",
  "secrets",
  "credential",
  "credentials",
  "apikey",
  "apikeys",
  "secretkey",
  "accesskey",
  "privatekey",
  "authtoken",
  "accesstoken",
  "authorization",
]);

/** Secret as the last word of a name. */
const AT_THE_END = new Set(["auth", "bearer", "cookie", "cookies", "jwt"]);

/** `key` is a secret after one of these (as a rule a map key, a column or a random state). */
const BEFORE_KEY = new Set(
  (
    "access account admin app application auth client cluster consumer credential deploy encryption function host " +
    "instrumentation integration license licence master private publish rsa secret sas server service session shared " +
    "sign signing signature ssh ssl storage subscription tls webhook write " +
    "aim anthropic api aws azure clearml comet cohere gcp gemini google groq hf huggingface kaggle langfuse langsmith " +
    "mistral mlflow neptune nvidia openai openrouter pinecone replicate roboflow sendgrid stripe together twilio wandb"
  ).split(" "),
);

/** `pass` and `pwd` are secrets after one of these (a pass over the data is none, and PWD is the working folder). */
const BEFORE_PASS = new Set(
  (
    "account admin api auth client database db email ftp imap ldap login mail mongo mongodb mysql pg postgres proxy " +
    "rabbitmq redis root service smtp sql ssh user"
  ).split(" "),
);

/** `token` is a piece of text after one of these. */
const BEFORE_TEXT_TOKEN = new Set(
  (
    "additional audio bos cls decoder dec delimiter end eod eol eor eos eot extra first forced ignore image last mask " +
    "max min newline next num pad padding per placeholder prompt sep separator single space special start stop " +
    "suffix prefix infix text time unk unknown video vision word"
  ).split(" "),
);

/** As last words they say that the name is about a secret, not the secret itself. */
const ABOUT = new Set(
  (
    "algorithm attempts class column count dim dir enabled encoder env expiration expires expiry field file filename " +
    "folder format header id ids index label len length limit manager max min mode name names num path policy " +
    "provider required rotation rule scheme size source store strength ttl type types url used uri valid variable " +
    "version"
  ).split(" "),
);

/** Words of a name in lower case: `WANDB_API_KEY`, `wandbApiKey` and `x-wandb-api-key` alike. */
function words(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

/**
 * Whether a parameter, option or header of this name holds a secret.
 *
 * @example
 * ```ts
 * isSecretName("wandbApiKey"); // true
 * isSecretName("max_tokens"); // false
 * ```
 */
export function isSecretName(name: string): boolean {
  const parts = words(name);
  const last = parts.at(-1);
  if (last === undefined || ABOUT.has(last)) return false;
  if (parts.some((part) => ALWAYS.has(part) || /.(password|passwd|apikey)$/.test(part))) return true;
  const before = parts.at(-2) ?? "";
  if (last === "key" || last === "keys") return BEFORE_KEY.has(before);
  if (last === "token") return !BEFORE_TEXT_TOKEN.has(before);
  if (last === "tokens") return /^(access|api|auth|bearer|refresh|session)$/.test(before);
  if (last === "pass" || last === "pwd") return BEFORE_PASS.has(before);
  return AT_THE_END.has(last);
}

/** Whether the name says `token` and nothing stronger: in running text it may as well be a piece of text. */
export function isTokenName(name: string): boolean {
  return words(name).at(-1) === "token";
}

/**
 * Whether an environment variable holds a secret. There a `..._KEY` of an unknown service is more likely a secret than
 * a column name, and `..._PAT` is a personal access token.
 */
export function isSecretVariable(name: string): boolean {
  if (isSecretName(name)) return true;
  if (!/_(KEY|PAT|PASS|PWD)$/.test(name)) return false;
  return !/(^|_)(PUBLIC|CACHE|SORT|PRIMARY|PARTITION|GPG|COMPOSE)_KEY$|^OLD_?PWD$/.test(name);
}
