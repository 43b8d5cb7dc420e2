import { chart } from "./chart.js";

/** How well the network did after an epoch. `step` counts batches since the start. */
export interface Epoch {
  readonly step: number;
  readonly trainLoss: number;
  readonly testLoss: number;
  readonly trainAccuracy: number;
  readonly testAccuracy: number;
}

const MEASURES = [
  { name: "train loss", key: "trainLoss", best: Math.min },
  { name: "test loss", key: "testLoss", best: Math.min },
  { name: "train accuracy", key: "trainAccuracy", best: Math.max },
  { name: "test accuracy", key: "testAccuracy", best: Math.max },
] as const;

/**
 * How loss and accuracy went, in plain ASCII: two charts (side by side where the terminal is wide enough) and a table
 * of first, last and best values.
 *
 * @param width columns of the terminal; no line is longer, as long as it has 48
 */
export function metricsReport(epochs: readonly Epoch[], width: number): string {
  const values = (key: keyof Epoch) => epochs.map((epoch) => epoch[key]);
  const draw = (title: string, train: keyof Epoch, test: keyof Epoch, columns: number) =>
    chart(
      title,
      [
        { letter: "o", values: values(test) },
        { letter: ".", values: values(train) },
      ],
      columns,
      7,
    );
  const gap = "   ";
  const sideBySide = width >= 72;
  const columns = Math.min(60, sideBySide ? Math.floor((width - gap.length) / 2) : Math.max(48, width));
  const loss = draw("loss", "trainLoss", "testLoss", columns);
  const accuracy = draw("accuracy", "trainAccuracy", "testAccuracy", columns);
  const charts = sideBySide ? loss.map((line, row) => line + gap + accuracy[row]!) : [...loss, ...accuracy];

  const cells = (name: string, ...numbers: (string | number)[]) =>
    name.padEnd(16) + numbers.map((n) => (typeof n === "number" ? n.toFixed(4) : n).padStart(9)).join("");
  const table = [
    cells("", "first", "last", "best"),
    ...MEASURES.map(({ name, key, best }) =>
      cells(name, epochs[0]![key], epochs.at(-1)![key], best(...values(key))),
    ),
  ];
  return [...charts, "        o test   . train", "", ...table].map((line) => line.trimEnd()).join("\n");
}
