/** What every event carries. */
export interface EventBase {
  /** Seconds since the epoch, taken when the call was made or given by the caller. */
  readonly wallTime: number;
  /** The x value: a safe integer, or absent when the caller gave none (each backend then applies its own rule). */
  readonly step?: number;
}

/** Anything JSON can hold, plus NaN and the infinities, which are kept. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };
/** An object that JSON has a form for. */
export type JsonObject = { readonly [key: string]: JsonValue };
