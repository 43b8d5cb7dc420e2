import { afterEach, describe, expect, test } from "vitest";
import { addSecret, maskArgs, maskParams, maskSecrets } from "#src/collectors/secrets.js";

// Every value here is made up. Long ones are put together so that no scanner takes them for real.
const LETTERS = "abcdefghij0123456789ABCDEFGHIJ0123456789";

const added: string[] = [];
function setVariable(name: string, value: string): void {
  process.env[name] = value;
  added.push(name);
  addSecret("rescan-at-once"); // a variable set while running is otherwise seen within a second
}
afterEach(() => {
  for (const name of added.splice(0)) delete process.env[name];
  addSecret("rescan-at-once");
});

describe("maskSecrets: assignments and options", () => {
  test.each([
    ["api_key=abc", "api_key=***"],
    ["--api-key=abc --lr=0.1", "--api-key=*** --lr=0.1"],
    ["--api-key abc --lr 0.1", "--api-key *** --lr 0.1"],
    ["--api-key --verbose", "--api-key --verbose"],
    ['{"apiKey": "a b c", "lr": 0.1}', '{"apiKey": "***", "lr": 0.1}'],
    ["{'password': 'it\\'s', 'n': 1}", "{'password': '***', 'n': 1}"],
    ['{"text":"{\\"api_key\\": \\"abc\\"}"}', '{"text":"{\\"api_key\\": \\"***\\"}"}'],
    ["error: password=hunter2", "error: password=***"],
    ["password: hunter2", "password: ***"],
    ["DB_PASSWORD='two words' next", "DB_PASSWORD='***' next"],
    ["GET /x?access_token=abcdefghij0123456789&page=2", "GET /x?access_token=***&page=2"],
    ["config(secret=abc, lr=1)", "config(secret=***, lr=1)"],
    [`WANDB_TOKEN=${LETTERS}`, "WANDB_TOKEN=***"],
  ])("%s", (text, expected) => expect(maskSecrets(text)).toBe(expected));

  test.each([
    "max_tokens=4096 pad_token=<pad> token: Hello next token: world",
    "tokens: 123456789012345678901234567890",
    "token=512",
    "monkey=banana key: C#minor sort_key=name",
    "epoch 1 step 20: loss=0.5 acc=0.9 time: 12:30:01",
    "use_password=false password=",
    "compass: north, forward_pass: 3 ms",
    "commit 7c211433f02071597741e6ff5a8ea34789abbf43",
  ])("leaves alone: %s", (text) => expect(maskSecrets(text)).toBe(text));
});

describe("maskSecrets: URLs and headers", () => {
  test.each([
    ["https://user:pass@host/x", "https://***@host/x"],
    ["https://ghtoken@host.example/x.git", "https://***@host.example/x.git"],
    ["at postgres://me:p%40ss@db:5432/x now", "at postgres://***@db:5432/x now"],
    ["https://user:p@ss@host/", "https://***@host/"],
    ["redis://:pw@host:6379", "redis://***@host:6379"],
    ["Authorization: Bearer abc.def", "Authorization: Bearer ***"],
    ["authorization: Basic YTpi", "authorization: Basic ***"],
    ["-H 'Authorization: abc'", "-H 'Authorization: ***'"],
    ['{"authorization":"Bearer abc","a":1}', '{"authorization":"Bearer ***","a":1}'],
    ["x-api-key: abc", "x-api-key: ***"],
    ["Cookie: a=b; c=d\nHost: x", "Cookie: ***\nHost: x"],
    ["sent bearer abcdefghij0123456789", "sent bearer ***"],
  ])("%s", (text, expected) => expect(maskSecrets(text)).toBe(expected));

  test.each([
    "ssh://git@host/x.git and git@host:x.git",
    "https://host/@scope/package and mail me@host.example",
    "http://localhost:8080/",
  ])("leaves alone: %s", (text) => expect(maskSecrets(text)).toBe(text));
});

describe("maskSecrets: shapes of keys", () => {
  test.each([
    `AKIA${"ABCDEFGH12345678"}`,
    `ghp_${LETTERS.slice(0, 36)}`,
    `github_pat_${LETTERS}`,
    `glpat-${LETTERS.slice(0, 20)}`,
    `hf_${LETTERS.slice(0, 34)}`,
    `wandb_v1_${LETTERS}${LETTERS}`,
    `local-${"0123456789abcdef0123456789abcdef01234567"}`,
    `sk-proj-${LETTERS}`,
    `sk-ant-${LETTERS}`,
    `sk-${LETTERS}`,
    `AIza${LETTERS.slice(0, 35)}`,
    `npm_${LETTERS.slice(0, 36)}`,
    `xoxb-${LETTERS}`,
    `eyJ${LETTERS}.eyJ${LETTERS}.${LETTERS}`,
  ])("%s", (key) => {
    expect(maskSecrets(`first ${key}, then`)).toBe("first ***, then");
    expect(maskSecrets(`(${key})`)).toBe("(***)");
  });

  test("a private key with its lines", () => {
    const pem = `-----BEGIN RSA PRIVATE ${"KEY"}-----\n${LETTERS}\n${LETTERS}\n-----END RSA PRIVATE ${"KEY"}-----`;
    expect(maskSecrets(`a\n${pem}\nb`)).toBe("a\n***\nb");
  });

  test("words that only begin alike stay", () => {
    const text = "sk-learn-pipeline-with-a-very-long-name task-proj-with-a-very-long-name-too hf_transfer";
    expect(maskSecrets(text)).toBe(text);
  });
});

describe("maskSecrets: known values", () => {
  test("an environment variable's value goes wherever it appears, in every spelling", () => {
    setVariable("ACME_TOKEN", 'p"ss/w+rd one');
    expect(maskSecrets('a p"ss/w+rd one b')).toBe("a *** b");
    expect(maskSecrets(JSON.stringify({ text: 'p"ss/w+rd one' }))).toBe('{"text":"***"}');
    expect(maskSecrets("/x?q=p%22ss%2Fw%2Brd%20one")).toBe("/x?q=***");
  });

  test("a longer value is masked whole when a shorter one is its beginning", () => {
    setVariable("A_TOKEN", "abcdefgh");
    setVariable("B_TOKEN", "abcdefghijkl");
    expect(maskSecrets("abcdefghijkl abcdefgh")).toBe("*** ***");
  });

  test("short values and variables with ordinary names stay", () => {
    setVariable("C_TOKEN", "1234567");
    setVariable("MY_CITY", "Greifswald");
    expect(maskSecrets("1234567 in Greifswald")).toBe("1234567 in Greifswald");
  });

  test("a value given by the program", () => {
    expect(maskSecrets("x [brackets](and) more")).toContain("brackets");
    addSecret("[brackets](and)");
    expect(maskSecrets("x [brackets](and) more")).toBe("x *** more");
  });
});

test("long texts without blanks take linear time", () => {
  // Processor time, which other load does not add to. In square time one of these alone takes 10 s.
  const before = process.cpuUsage();
  for (const piece of ["x", "a.", "a:", "eyJ", "://", "-", "a='", 'a:\\"', "https://"])
    maskSecrets(piece.repeat(100_000));
  expect(process.cpuUsage(before).user).toBeLessThan(4e6);
});

describe("maskArgs", () => {
  test.each([
    [["--api-key=xyz"], ["--api-key=***"]],
    [
      ["--api-key", "xyz", "--lr", "0.1"],
      ["--api-key", "***", "--lr", "0.1"],
    ],
    [
      ["--password", "two words"],
      ["--password", "***"],
    ],
    [["--password=two words"], ["--password=***"]],
    [
      ["--token", "short"],
      ["--token", "***"],
    ],
    [
      ["--api-key", "--verbose"],
      ["--api-key", "--verbose"],
    ],
    [["WANDB_API_KEY=xyz"], ["WANDB_API_KEY=***"]],
    [["+trainer.logger.api_key=xyz"], ["+trainer.logger.api_key=***"]],
    [
      ["-H", "Authorization: Bearer xyz"],
      ["-H", "Authorization: Bearer ***"],
    ],
    [["https://a:b@host/"], ["https://***@host/"]],
    [
      ["--max-tokens", "512", "--tokenizer=bpe", "--monkey", "king"],
      ["--max-tokens", "512", "--tokenizer=bpe", "--monkey", "king"],
    ],
    [
      ["--token", "512", "--use-auth", "true"],
      ["--token", "512", "--use-auth", "true"],
    ],
  ])("%j", (argv, expected) => expect(maskArgs(argv)).toEqual(expected));
});

test("maskParams masks by name at any depth, inside texts, and keeps everything else", () => {
  const params = {
    lr: 0.1,
    max_tokens: 512,
    token: 7,
    pad_token: "<pad>",
    user_token: "<|user|>",
    cls_token: "[CLS]",
    usePassword: true,
    password: 12345678,
    nothing: null,
    api_key: "",
    db: { user: "me", password: "hunter2", credentials: { name: "a", list: ["b", 3, true] } },
    urls: ["https://a:b@host/", "plain"],
    nan: Number.NaN,
  };
  const copy = structuredClone(params);
  expect(maskParams(params)).toEqual({
    ...params,
    password: "***",
    db: { user: "me", password: "***", credentials: { name: "***", list: ["***", "***", true] } },
    urls: ["https://***@host/", "plain"],
  });
  expect(params).toEqual(copy);
});
