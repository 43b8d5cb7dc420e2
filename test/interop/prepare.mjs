// Makes the Python environments the interop tests judge with, once a machine, outside the checkout:
//   node test/interop/prepare.mjs [requirements file ...]     (default: all beside this file)
// An environment is keyed by its requirements and the Python version, so a changed pin builds a new one. It is built
// under a temporary name and renamed when complete: an interrupted build is never taken for a finished one.

import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

/** Trouble the reader can act on, told in one line. */
class EnvironmentError extends Error {}

/** `3.11.7 linux x86_64`, or an error that says what to install. */
function pythonVersion() {
  const script = "import sys, platform; print(platform.python_version(), sys.platform, platform.machine())";
  try {
    return execFileSync("python3", ["-c", script], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    throw new EnvironmentError(
      "python3 was not found or does not start; the interop tests need Python 3.11 or newer",
    );
  }
}

/** @param {string} requirements path of the requirements file */
function environmentFolder(requirements) {
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const key = createHash("sha256").update(readFileSync(requirements)).update(pythonVersion()).digest("hex");
  return join(cache, "tracelet", `interop-${key.slice(0, 12)}`);
}

/** Runs a command to its end and returns what it printed; a calm line on a terminal tells that it still works. */
function run(command, args, doing) {
  const started = Date.now();
  const tell = () => {
    if (process.stderr.isTTY) {
      process.stderr.write(`\r${doing} ... ${Math.round((Date.now() - started) / 1000)} s `);
    }
  };
  if (!process.stderr.isTTY) process.stderr.write(`${doing} ...\n`);
  const timer = setInterval(tell, 1000);
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const collect = (chunk) => {
      output += chunk;
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", (error) => fail(new EnvironmentError(error.message)));
    child.on("close", (code) => {
      const lines = output.split("\n").filter((line) => /error|no module|not available/i.test(line));
      const reason = lines.at(-1)?.trim() || output.trim().split("\n").at(-1) || `exit code ${code}`;
      if (code === 0) done(output);
      else fail(new EnvironmentError(reason));
    });
  }).finally(() => {
    clearInterval(timer);
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  });
}

/** The scripts pip makes name their interpreter by its full path, so they must follow the folder to its new name. */
function moveEnvironment(from, to) {
  const scripts = join(from, "bin");
  const start = Buffer.alloc(512);
  for (const name of readdirSync(scripts)) {
    const path = join(scripts, name);
    const file = openSync(path, "r");
    const length = readSync(file, start, 0, start.length, 0);
    closeSync(file);
    if (!start.toString("latin1", 0, length).includes(from) && !name.toLowerCase().startsWith("activate"))
      continue;
    writeFileSync(path, readFileSync(path, "utf8").replaceAll(from, to));
  }
  try {
    renameSync(from, to);
  } catch (error) {
    rmSync(from, { recursive: true, force: true });
    if (!existsSync(to)) throw error; // else another process finished the same environment first
  }
}

/**
 * Path of the interpreter of the environment for a requirements file, building the environment if needed.
 * @param {string} requirements file name in test/interop, or an absolute path
 * @returns {Promise<string>}
 */
export async function prepareEnvironment(requirements = "requirements.txt") {
  const file = resolve(here, requirements);
  const folder = environmentFolder(file);
  const interpreter = join(folder, "bin", "python");
  if (existsSync(folder)) return interpreter;
  const building = `${folder}.building-${process.pid}`;
  mkdirSync(dirname(folder), { recursive: true });
  try {
    await run("python3", ["-m", "venv", building], `Making the Python environment ${folder}`);
    const pip = ["-m", "pip", "--disable-pip-version-check", "--no-input", "install", "-q", "-r", file];
    await run(
      join(building, "bin", "python"),
      pip,
      `Installing ${requirements} (about a minute, once a machine)`,
    );
    moveEnvironment(building, folder);
  } catch (error) {
    rmSync(building, { recursive: true, force: true });
    throw error;
  }
  return interpreter;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const all = readdirSync(here).filter((name) => /^requirements.*\.txt$/.test(name));
  const wanted = process.argv.length > 2 ? process.argv.slice(2).map((path) => resolve(path)) : all;
  try {
    for (const requirements of wanted) await prepareEnvironment(requirements);
  } catch (error) {
    process.stderr.write(`test:interop cannot prepare its Python environment: ${error.message}\n`);
    process.exitCode = 1;
  }
}
