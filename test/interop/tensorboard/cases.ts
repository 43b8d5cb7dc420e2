import { type Case, timed } from "./cases/case.js";
import * as curves from "./cases/curves.js";
import * as histograms from "./cases/histograms.js";
import * as images from "./cases/images.js";
import * as media from "./cases/media.js";
import * as runs from "./cases/runs.js";
import * as scalars from "./cases/scalars.js";

/** Every case, by the method of torch's SummaryWriter it is about. */
export const CASES_BY_METHOD: Readonly<Record<string, readonly Case[]>> = {
  add_scalar: timed(scalars.scalarCases),
  add_scalars: timed(scalars.scalarsCases),
  "the writer": timed(scalars.writerCases),
  add_histogram: timed(histograms.histogramCases),
  add_histogram_raw: timed(histograms.histogramRawCases),
  add_tensor: timed(media.tensorCases),
  add_image: timed(images.imageCases),
  add_images: timed(images.imagesCases),
  add_image_with_boxes: timed(images.boxesCases),
  add_figure: timed(images.figureCases),
  add_video: timed(media.videoCases),
  add_audio: timed(media.audioCases),
  add_text: timed(media.textCases),
  "bad media": timed(media.refusedMediaCases),
  add_pr_curve: timed(curves.prCurveCases),
  add_pr_curve_raw: timed(curves.prCurveRawCases),
  add_custom_scalars: timed(curves.customScalarsCases),
  add_mesh: timed(curves.meshCases),
  add_hparams: timed(runs.hparamsCases),
  add_graph: timed(runs.graphCases),
  add_onnx_graph: timed(runs.onnxCases),
  add_embedding: timed(runs.embeddingCases),
};

export const CASES: readonly Case[] = Object.values(CASES_BY_METHOD).flat();
