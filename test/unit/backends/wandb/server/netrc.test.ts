import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { machineOf, netrcPath, readPassword, writePassword } from "#backends/wandb/server/netrc.js";
import { tempDir } from "../../../../support/temp-dir.js";

/** What is read of a file's content, with the warnings. */
function read(content: string, machine = "api.example.com") {
  const path = join(tempDir(), "netrc");
  writeFileSync(path, content);
  const warnings: string[] = [];
  return { password: readPassword(path, machine, (message) => warnings.push(message)), warnings };
}

describe("the netrc file", () => {
  it("is NETRC, then ~/.netrc, then ~/_netrc, then the usual one", () => {
    const home = tempDir();
    const env = { HOME: home };
    expect(netrcPath(env)).toBe(join(home, ".netrc"));
    writeFileSync(join(home, "_netrc"), "");
    expect(netrcPath(env)).toBe(join(home, "_netrc"));
    writeFileSync(join(home, ".netrc"), "");
    expect(netrcPath(env)).toBe(join(home, ".netrc"));
    expect(netrcPath({ ...env, NETRC: "/etc/keys" })).toBe("/etc/keys");
    expect(netrcPath({ ...env, NETRC: "~/keys" })).toBe(join(home, "keys"));
  });

  it("names machines by host and port", () => {
    expect(machineOf("https://api.example.com")).toBe("api.example.com");
    expect(machineOf("http://localhost:8080/base")).toBe("localhost:8080");
  });

  // Rules of netrc files as Python's `netrc`, which the official client uses, reads them.
  it.each([
    ["lines", "machine api.example.com\n  login user\n  password secret\n", "secret"],
    ["one line", "machine api.example.com login user password secret", "secret"],
    ["another machine", "machine other login user password secret\n", undefined],
    ["the default entry", "machine other password x\ndefault login user password fallback\n", "fallback"],
    ["the machine before the default", "machine api.example.com password own\ndefault password x\n", "own"],
    ["a machine without a password", "machine api.example.com login user\ndefault password x\n", undefined],
    ["the last of two", "machine api.example.com password a\nmachine api.example.com password b\n", "b"],
    ["comments", "# password no\nmachine api.example.com # mine\n  password a#b # c\n", "a#b"],
    ["quotes", 'machine "api.example.com" password "with space"\n', "with space"],
    ["a backslash", "machine api.example.com password a\\ b\n", "a b"],
    ["a macro", "macdef init\n  machine x\n  password y\n\nmachine api.example.com password z\n", "z"],
    ["no file content", "", undefined],
  ])("is read: %s", (_name, content, password) => {
    expect(read(content)).toEqual({ password, warnings: [] });
  });

  it("that makes no sense is told by its line and not used", () => {
    const { password, warnings } = read("machine api.example.com password secret\nnonsense here\n");
    expect(password).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(/not understood from line 2/)]);
    expect(warnings[0]).not.toContain("secret");
  });

  it("that is not there holds nothing, and one that cannot be read is told", () => {
    const warnings: string[] = [];
    const warn = (message: string) => void warnings.push(message);
    expect(readPassword(join(tempDir(), "none"), "m", warn)).toBeUndefined();
    expect(warnings).toEqual([]);
    expect(readPassword(tempDir(), "m", warn)).toBeUndefined();
    expect(warnings).toHaveLength(1);
  });
});

describe("writing to the netrc file", () => {
  it("makes one for its owner alone, in the official client's four lines", () => {
    const path = join(tempDir(), "netrc");
    writePassword(path, "localhost:8080", "k1");
    expect(readFileSync(path, "utf8")).toBe("machine localhost:8080\n  login user\n  password k1\n");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("replaces the machine's entry and keeps all others", () => {
    const path = join(tempDir(), "netrc");
    writeFileSync(
      path,
      "# mine\nmachine a login x password 1\nmachine b\n  login y\n  password 2\n\ndefault password 3\n",
      { mode: 0o644 },
    );
    writePassword(path, "b", "new");
    writePassword(path, "b", "newer");
    expect(readFileSync(path, "utf8")).toBe(
      "# mine\nmachine a login x password 1\ndefault password 3\nmachine b\n  login user\n  password newer\n",
    );
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const password = (machine: string) => readPassword(path, machine, () => {});
    expect(["a", "b", "c"].map(password)).toEqual(["1", "newer", "3"]);
  });

  it("goes to the file that a link leads to", () => {
    const home = tempDir();
    mkdirSync(join(home, "dotfiles"));
    writeFileSync(join(home, "dotfiles", "netrc"), "");
    symlinkSync("dotfiles/netrc", join(home, ".netrc"));
    writePassword(join(home, ".netrc"), "a", "1");
    expect(readFileSync(join(home, "dotfiles", "netrc"), "utf8")).toContain("password 1");
  });
});
