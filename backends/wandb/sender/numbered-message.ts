import type protobuf from "protobufjs/light.js";
import type { LoggedValue } from "../values/json.js";

/*
 * W&B's configuration holds messages with field numbers for names: a message of flags becomes the list of those that are
 * set, any other an object of number -> value.
 */

type Message = { readonly [field: string]: unknown };

/** The numbers of the flags that are set. */
export function fieldNumbers(type: protobuf.Type, flags: object | undefined): number[] {
  return type.fieldsArray
    .filter(({ name }) => (flags as Message | undefined)?.[name] === true)
    .map(({ id }) => id);
}

/** The object of a message of texts and messages; what is empty is left out. */
export function numberedMessage(type: protobuf.Type, message: object): { [number: string]: LoggedValue } {
  const object: { [number: string]: LoggedValue } = {};
  for (const field of type.fieldsArray) {
    const value = (message as Message)[field.name];
    if (field.name === "info" || value === undefined || value === "") continue;
    const inner = field.resolve().resolvedType;
    if (inner === null || !("fieldsArray" in inner)) object[field.id] = value as LoggedValue;
    else if (inner.fieldsArray.every(({ type: name }) => name === "bool")) {
      const numbers = fieldNumbers(inner, value as object);
      if (numbers.length > 0) object[field.id] = numbers;
    } else object[field.id] = numberedMessage(inner, value as object);
  }
  return object;
}
