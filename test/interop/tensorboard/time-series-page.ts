import { PNG } from "pngjs";
import type { Page } from "../../support/chromium.js";

/** A card of TensorBoard's Time Series page as a reader sees it. */
export interface Card {
  readonly tag: string;
  /** Element name of the card's content: `scalar-card`, `histogram-card`, `image-card`. */
  readonly kind: string;
  /** Text of the card, its data table included. */
  readonly text: string;
  /** Pixels of the plot's area that are clearly coloured: curves are, axes and grid are gray. */
  readonly coloredPixels: number;
  /** Length of the longest path drawn as SVG, in characters of its description. */
  readonly longestPath: number;
  /** Width of the picture shown, in its own pixels; 0 without one. */
  readonly pictureWidth: number;
}

interface Measured extends Omit<Card, "coloredPixels"> {
  readonly plot: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  } | null;
}

// The page's own elements: groups that open on a click (only the first two are open at first), and one card-view a card, drawn when scrolled into view.
const OPEN_ALL_GROUPS = `
  for (const button of document.querySelectorAll("button.group-toolbar"))
    if (button.querySelector('[data-mat-icon-name^="expand_more"]')) button.click();
`;
const MEASURE = `
  [...document.querySelectorAll("card-view")].map((view) => {
    const card = view.querySelector("scalar-card, histogram-card, image-card");
    const canvas = view.querySelector("canvas");
    const box = canvas?.getBoundingClientRect();
    const paths = [...view.querySelectorAll("svg path")].filter((path) => !path.closest("mat-icon"));
    return {
      tag: view.querySelector("tb-truncated-path")?.getAttribute("title") ?? "",
      kind: card?.tagName.toLowerCase() ?? "",
      text: view.innerText.replace(/\\s+/g, " "),
      longestPath: Math.max(0, ...paths.map((path) => (path.getAttribute("d") ?? "").length)),
      pictureWidth: view.querySelector("img")?.naturalWidth ?? 0,
      plot: box && box.width > 0 ? { x: box.x, y: box.y, width: box.width, height: box.height } : null,
    };
  })
`;

function coloredPixels(shot: PNG, { x, y, width, height }: NonNullable<Measured["plot"]>): number {
  let colored = 0;
  for (let row = Math.ceil(y); row < Math.min(y + height, shot.height); row++) {
    for (let column = Math.ceil(x); column < Math.min(x + width, shot.width); column++) {
      const [red, green, blue] = shot.data.subarray(4 * (row * shot.width + column)) as unknown as number[];
      if (Math.max(red!, green!, blue!) - Math.min(red!, green!, blue!) > 20) colored++;
    }
  }
  return colored;
}

const drawn = (card: Card) => card.coloredPixels > 0 || card.longestPath > 0 || card.pictureWidth > 0;

/**
 * Opens the Time Series page with all its groups and waits until a card of every tag is drawn, or until `deadlineMs`.
 * Returns the cards and the last screenshot, drawn or not: what is missing is for the caller to say.
 */
export async function timeSeriesCards(
  page: Page,
  address: string,
  tags: readonly string[],
  deadlineMs = 60_000,
): Promise<{ cards: readonly Card[]; screenshot: Buffer }> {
  // Only cards in view are drawn, so the page is asked for those alone.
  const filter = tags.map((tag) => tag.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  await page.goto(`${address}/?tagFilter=${encodeURIComponent(`^(${filter})$`)}#timeseries`);
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    await page.evaluate(OPEN_ALL_GROUPS);
    const measured = (await page.evaluate(MEASURE)) as readonly Measured[];
    const screenshot = await page.screenshot();
    const shot = PNG.sync.read(screenshot);
    // A card that is not in view yet has no title.
    const titled = measured.filter(({ tag }) => tag !== "");
    const cards = titled.map(({ plot, ...card }) => ({
      ...card,
      coloredPixels: plot === null ? 0 : coloredPixels(shot, plot),
    }));
    const missing = tags.filter((tag) => !cards.some((card) => card.tag === tag && drawn(card)));
    if (missing.length === 0 || Date.now() > deadline) return { cards, screenshot };
    await new Promise((wait) => setTimeout(wait, 250));
  }
}
