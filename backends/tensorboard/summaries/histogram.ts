import type { HistogramEvent, HistogramRawEvent } from "../../../src/events/event.js";
import { tensorboardHistogram } from "../../../src/media/histogram.js";
import type { ValueMessage } from "../messages.js";

/** A distribution, binned as torch's `add_histogram` does; throws when there is no value to bin. */
export function histogramValue({ tag, values, bins, maxBins }: HistogramEvent): ValueMessage {
  const { bucketLimits, bucketCounts, ...totals } = tensorboardHistogram(values, bins, maxBins);
  return { tag, histo: { ...totals, bucketLimit: bucketLimits, bucket: bucketCounts } };
}

/** A distribution binned by the caller, copied as it is (`add_histogram_raw`). */
export function histogramRawValue(event: HistogramRawEvent): ValueMessage {
  const { tag, min, max, num, sum, sumSquares, bucketLimits, bucketCounts } = event;
  return { tag, histo: { min, max, num, sum, sumSquares, bucketLimit: bucketLimits, bucket: bucketCounts } };
}
