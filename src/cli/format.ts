/**
 * Six significant digits, or as many as the integer part has, as short as they allow: `0.05`, `12000`, `1.5e-7`,
 * `1795220000.5` as `1795220001`, `9.0072e+15`, `NaN`.
 */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (Object.is(value, -0)) return "-0";
  if (!(size < 1e12)) return Number.isFinite(value) ? shorter(value.toExponential(5)) : String(value);
  if (Number.isInteger(value)) return String(value);
  return String(Number(size < 1e5 ? value.toPrecision(6) : value.toFixed(0)));
}

/** Without zeros at the end of the digits. */
const shorter = (text: string): string => text.replace(/\.?0+e/, "e");

/** `45 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return two(whole, 60, "min", 1, "s");
  return whole < 86_400 ? two(whole, 3600, "h", 60, "min") : two(whole, 86_400, "d", 3600, "h");
}

function two(whole: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((whole % large) / small);
  return `${Math.floor(whole / large)} ${largeName}${rest === 0 ? "" : ` ${rest} ${smallName}`}`;
}

/** `2026-01-02 03:04:05`, in local time. */
export function formatTime(seconds: number): string {
  const time = new Date(seconds * 1000);
  const pad = (value: number): string => String(value).padStart(2, "0");
  const day = `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())}`;
  return `${day} ${pad(time.getHours())}:${pad(time.getMinutes())}:${pad(time.getSeconds())}`;
}

/** `1 file`, `2 files`. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
