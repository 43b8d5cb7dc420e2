import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Browser, startChromium } from "../../support/chromium.js";
import { startTensorBoard } from "../../support/tensorboard.js";
import { type WriterClass, writeWithOurs } from "./apply-calls.js";
import { type Case, call, timed } from "./cases/case.js";
import { type Folders, writeWithPython } from "./observe.js";
import { timeSeriesCards } from "./time-series-page.js";

// What a person sees: TensorBoard's page on a run, in a real browser. The last screenshots stay in a temporary folder.

const screenshots = join(tmpdir(), "tracelet-screenshots");
mkdirSync(screenshots, { recursive: true });
const root = mkdtempSync(join(tmpdir(), "tracelet-page-run-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const folders = (side: string): Folders => ({ root: join(root, side), inputs: join(root, "inputs") });

const STEPS = Array.from({ length: 20 }, (_, step) => step);
const [run] = timed([
  {
    name: "training",
    calls: [
      ...STEPS.flatMap((step) => [
        call("add_scalar", { tag: "train/loss", scalar_value: Math.exp(-step / 5), global_step: step }),
        call("add_scalar", {
          tag: "train/accuracy",
          scalar_value: 1 - Math.exp(-step / 5),
          global_step: step,
        }),
        call("add_histogram", {
          tag: "weights/layer 1",
          values: { $normal: [200], seed: step },
          global_step: step,
        }),
      ]),
      call("add_image", {
        tag: "wrong predictions",
        img_tensor: { $rand: [3, 24, 32], seed: 5, high: 256, dtype: "uint8" },
        global_step: 19,
      }),
    ],
  },
]) as [Case];
const TAGS = ["train/loss", "train/accuracy", "weights/layer 1", "wrong predictions"];

let browser: Browser;
beforeAll(async () => {
  browser = await startChromium();
});
afterAll(() => browser?.close());

async function cardsOf(side: string, reader: "fast" | "slow", tags: readonly string[]) {
  const server = await startTensorBoard(join(folders(side).root, "together"), reader);
  try {
    const { cards, screenshot } = await timeSeriesCards(browser.page, server.address, tags);
    const path = join(screenshots, `${side}-${reader}.png`);
    writeFileSync(path, screenshot);
    return { cards: new Map(cards.map((card) => [card.tag, card])), path };
  } finally {
    await server.stop();
  }
}

const writers = {
  torch: () => writeWithPython("torch", [run], folders("torch")),
  tracelet: async () => {
    const name: string = "tracelet"; // resolved when the test runs: it is the built package that is judged
    const { SummaryWriter } = (await import(name)) as { SummaryWriter: WriterClass };
    await writeWithOurs(SummaryWriter, run, folders("tracelet"));
  },
};

describe.each(["torch", "tracelet"] as const)("a run written by %s", (side) => {
  beforeAll(async () => {
    await writers[side]();
  });

  test.each(["fast", "slow"] as const)(
    "is drawn on the Time Series page by the %s reader",
    async (reader) => {
      const { cards, path } = await cardsOf(side, reader, TAGS);
      expect([...cards.keys()].sort(), `see ${path}`).toEqual(TAGS.toSorted());
      for (const tag of ["train/loss", "train/accuracy"]) {
        const card = cards.get(tag)!;
        expect(card.kind).toBe("scalar-card");
        expect(card.coloredPixels, `the curve of ${tag}, see ${path}`).toBeGreaterThan(100);
        expect(card.text, `the table of ${tag} ends at the last step`).toMatch(/ 19 /);
      }
      expect(cards.get("weights/layer 1")!.longestPath, `the histogram, see ${path}`).toBeGreaterThan(200);
      expect(cards.get("wrong predictions")!.pictureWidth, `the picture, see ${path}`).toBe(32);
      expect(browser.page.errors).toEqual([]);
    },
  );
});
