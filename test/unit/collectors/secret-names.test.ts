import { describe, expect, test } from "vitest";
import { isSecretName, isSecretVariable } from "#src/collectors/secret-names.js";

const SECRET = [
  "api_key",
  "apiKey",
  "API-KEY",
  "apikey",
  "WANDB_API_KEY",
  "wandbApiKey",
  "x-api-key",
  "--api-key",
  "trainer.logger.api_key",
  "AWS_SECRET_ACCESS_KEY",
  "secretKey",
  "privateKey",
  "ssh_key",
  "OPENAI_KEY",
  "token",
  "hf_token",
  "accessToken",
  "user_token",
  "INPUT_TOKEN",
  "GITHUB_TOKEN",
  "refresh_tokens",
  "password",
  "dbPassword",
  "PGPASSWORD",
  "db_pass",
  "MYSQL_PWD",
  "passphrase",
  "client_secret",
  "secrets",
  "credentials",
  "Authorization",
  "npm_config__auth",
  "Set-Cookie",
];

const ORDINARY = [
  "",
  "monkey",
  "keyboard",
  "key",
  "keys",
  "sort_key",
  "primaryKey",
  "cacheKey",
  "image_key",
  "rng_key",
  "keypoints",
  "numKeys",
  "tokenizer",
  "tokenizer_name",
  "max_tokens",
  "maxNewTokens",
  "num_tokens",
  "tokens",
  "tokens_per_second",
  "token_count",
  "tokenIds",
  "token_embedding_dim",
  "pad_token",
  "eosToken",
  "bos_token",
  "mask_token",
  "next_token",
  "max_token",
  "forward_pass",
  "pass",
  "compass",
  "PWD",
  "OLDPWD",
  "cwd",
  "passed",
  "author",
  "authority",
  "auth_mode",
  "SSH_AUTH_SOCK",
  "secretary",
  "password_file",
  "password_length",
  "secret_name",
  "useSecretManager",
  "lr",
  "batch_size",
];

describe("isSecretName", () => {
  test.each(SECRET)("%s is secret", (name) => expect(isSecretName(name)).toBe(true));
  test.each(ORDINARY)("%j is ordinary", (name) => expect(isSecretName(name)).toBe(false));
});

describe("isSecretVariable", () => {
  test.each(["ACME_KEY", "AZURE_DEVOPS_EXT_PAT", "ACME_PASS", "WANDB_API_KEY"])("%s is secret", (name) =>
    expect(isSecretVariable(name)).toBe(true),
  );
  test.each(["PUBLIC_KEY", "CI_CACHE_KEY", "GPG_KEY", "PWD", "OLDPWD", "OLD_PWD", "PATH", "HOME", "KEYMAP"])(
    "%s is ordinary",
    (name) => expect(isSecretVariable(name)).toBe(false),
  );
});
