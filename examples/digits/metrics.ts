/** The class with the highest probability in each row. */
export function predictions(probabilities: Float32Array, classes: number): Uint8Array {
  return Uint8Array.from({ length: probabilities.length / classes }, (_, row) => {
    let best = 0;
    for (let k = 1; k < classes; k++)
      if (probabilities[row * classes + k]! > probabilities[row * classes + best]!) best = k;
    return best;
  });
}

/** The share of right predictions, 0..1. */
export function accuracy(predicted: Uint8Array, labels: Uint8Array): number {
  let right = 0;
  for (const [row, label] of labels.entries()) if (predicted[row] === label) right++;
  return right / labels.length;
}

/** How often each digit (row) was taken for each digit (column); the diagonal is right. */
export function confusionMatrix(predicted: Uint8Array, labels: Uint8Array, classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const [row, label] of labels.entries()) counts[label]![predicted[row]!]!++;
  return counts;
}

/** The probabilities of one class, and 1 where the label is that class: what a precision-recall curve is made from. */
export function oneAgainstRest(probabilities: Float32Array, labels: Uint8Array, chosen: number) {
  const classes = probabilities.length / labels.length;
  return {
    truth: labels.map((label) => (label === chosen ? 1 : 0)),
    scores: Float32Array.from(labels, (_, row) => probabilities[row * classes + chosen]!),
  };
}
