import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Browser, startChromium } from "../../support/chromium.js";
import { startTensorBoard, type TensorBoard } from "../../support/tensorboard.js";
import { timeSeriesCards } from "./time-series-page.js";

// The promise of the README: run the quickstart, open the official TensorBoard, see everything.

const checkout = new URL("../../..", import.meta.url).pathname;
const screenshots = join(tmpdir(), "tracelet-screenshots");
const dir = mkdtempSync(join(tmpdir(), "tracelet-quickstart-"));
const RUN = "digits";
let server: TensorBoard;
let browser: Browser;

beforeAll(async () => {
  mkdirSync(screenshots, { recursive: true });
  const tsx = join(checkout, "node_modules/tsx/dist/cli.mjs");
  execFileSync(process.execPath, [tsx, join(checkout, "examples/digits.ts"), "--epochs", "8"], { cwd: dir });
  server = await startTensorBoard(join(dir, "runs"), "fast");
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const ask = async (path: string, body?: unknown): Promise<unknown> => {
  const request =
    body === undefined
      ? {}
      : { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const answer = await fetch(`${server.address}/data/plugin/${path}`, request);
  expect(answer.status, path).toBe(200);
  return answer.json();
};

describe("the quickstart's run in the official TensorBoard", () => {
  test("is drawn on the Time Series page", async () => {
    const curves = ["train/loss", "test/loss", "train/accuracy", "test/accuracy", "train/learning_rate"];
    const { cards, screenshot } = await timeSeriesCards(browser.page, server.address, [
      ...curves,
      "hidden/weights",
      "test/confusion_matrix",
    ]);
    const path = join(screenshots, "quickstart.png");
    writeFileSync(path, screenshot);
    const byTag = new Map(cards.map((card) => [card.tag, card]));
    for (const tag of curves)
      expect(byTag.get(tag)?.coloredPixels, `the curve of ${tag}, see ${path}`).toBeGreaterThan(50);
    expect(byTag.get("hidden/weights")!.longestPath, `the histogram, see ${path}`).toBeGreaterThan(200);
    expect(byTag.get("test/confusion_matrix")!.pictureWidth, `the picture, see ${path}`).toBeGreaterThan(100);
    expect(browser.page.errors).toEqual([]);
  });

  test("has pictures, curves, texts, a graph, an embedding and hyperparameters on their pages", async () => {
    const tagsOf = async (plugin: string) =>
      Object.keys(((await ask(`${plugin}/tags`)) as Record<string, object>)[RUN] ?? {});
    expect(await tagsOf("images")).toEqual(
      expect.arrayContaining(["digits/examples", "test/confusion_matrix", "test/wrong_predictions"]),
    );
    expect((await tagsOf("pr_curves")).toSorted()).toEqual(
      Array.from({ length: 10 }, (_, digit) => `pr_curve/digit_${digit}`),
    );
    expect((await ask("text/tags")) as object).toMatchObject({
      [RUN]: expect.arrayContaining(["model_card/text_summary"]),
    });
    expect((await ask("graphs/info")) as object).toMatchObject({ [RUN]: { run_graph: true } });
    expect(await ask("projector/runs")).toContain(RUN);
    const groups = (await ask("hparams/session_groups", {
      allowedStatuses: ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"],
      startIndex: 0,
      sliceSize: 100,
    })) as { sessionGroups: { name: string; hparams: object }[] };
    expect(groups.sessionGroups.map(({ hparams }) => Object.keys(hparams).length > 0)).toContain(true);
  });
});
