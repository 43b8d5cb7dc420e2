import { invalid } from "./wrong-value.js";

/** Letters a layout may consist of: N pictures, T frames, C channels, H height, W width. */
export type AxisLetter = "N" | "T" | "C" | "H" | "W";

/** Lengths and strides (in values) of all five axes; an axis the layout lacks has length 1 and stride 0. */
export type Axes = { readonly [letter in AxisLetter]: { readonly length: number; readonly stride: number } };

const IMAGE_LAYOUTS = ["HW", "CHW", "NCHW"];
const VIDEO_LAYOUTS = ["THW", "TCHW", "NTCHW"];

/**
 * Checks that a layout fits a shape; cheap enough for the script's thread. An image has the letters H and W, H W and
 * C, or all of N, C, H, W, in any order and case; a video has T besides. Sides and counts must be 1 or more, and
 * channels 1 to 4 (gray, gray+alpha, RGB, RGBA; no gray+alpha in videos).
 *
 * @param what How messages name the value, e.g. `addImage("digits")`.
 * @throws TraceletError `invalid-value` naming the letters and the shape.
 * @example
 * ```ts
 * checkLayout("CHW", [3, 480, 640], 'addImage("photo")');
 * ```
 */
export function checkLayout(
  layout: string,
  shape: readonly number[],
  what: string,
  kind: "image" | "video" = "image",
): void {
  const letters = layout.toUpperCase();
  const known = kind === "image" ? IMAGE_LAYOUTS : VIDEO_LAYOUTS;
  const sorted = [...letters].sort().join();
  if (!known.some((candidate) => [...candidate].sort().join() === sorted)) {
    throw invalid(
      `${what}: the layout "${layout}" names no ${kind}; use the letters of ${known.join(", ")} in the order of the axes`,
    );
  }
  const sizes = `shape [${shape.join(", ")}]`;
  if (letters.length !== shape.length) {
    throw invalid(
      `${what}: the layout "${layout}" names ${letters.length} axes, but ${sizes} has ${shape.length}; ` +
        "pass the layout that fits the tensor",
    );
  }
  for (let axis = 0; axis < shape.length; axis++) {
    const length = shape[axis]!;
    if (!(length >= 1))
      throw invalid(
        `${what}: ${sizes} is empty along ${letters[axis]} of layout "${layout}"; nothing can be shown`,
      );
    if (letters[axis] === "C" && (length > 4 || (kind === "video" && length === 2))) {
      throw invalid(
        `${what}: ${length} channels (C of layout "${layout}", ${sizes}) are no colours; ` +
          `${kind === "image" ? "1 to 4" : "1, 3 or 4"} are possible. Is the order of the letters right?`,
      );
    }
  }
}

/** Lengths and strides of the axes of a dense tensor whose layout has been checked. */
export function axesOf(layout: string, shape: readonly number[]): Axes {
  const absent = { length: 1, stride: 0 };
  const axes: { [letter in AxisLetter]: { length: number; stride: number } } = {
    N: absent,
    T: absent,
    C: absent,
    H: absent,
    W: absent,
  };
  const letters = layout.toUpperCase();
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    axes[letters[axis] as AxisLetter] = { length: shape[axis]!, stride };
    stride *= shape[axis]!;
  }
  return axes;
}
