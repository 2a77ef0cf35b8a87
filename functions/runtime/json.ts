import { Fault } from "../core/fault.ts";
import { parseExact } from "../resources/exact-json.ts";

const deepest = 100;

/** Parses JSON as FHIR wants it: no key twice, at most 100 levels. Throws 400 with the place, never with the text. */
export const parseJson = (text: string): unknown => {
  checkKeys(text);
  try {
    return parseExact(text);
  } catch {
    throw malformed("The body is not valid JSON.");
  }
};

const malformed = (detail: string): Fault =>
  new Fault("MalformedJson", 400, detail, { code: "structure" });

/** One pass over the text: depth, and the keys of each open object. Anything else that is wrong is JSON.parse's to find. */
const checkKeys = (text: string): void => {
  const open: (Set<string> | undefined)[] = [];
  let expectsKey = false;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x7b:
        open.push(new Set());
        expectsKey = true;
        break;
      case 0x5b:
        open.push(undefined);
        expectsKey = false;
        break;
      case 0x7d:
      case 0x5d:
        open.pop();
        expectsKey = false;
        break;
      case 0x2c:
        expectsKey = open.at(-1) !== undefined;
        break;
      case 0x22: {
        const end = endOfString(text, at);
        const keys = open.at(-1);
        if (expectsKey && keys !== undefined) {
          const key = unescaped(text.slice(at, end + 1));
          if (keys.has(key))
            throw malformed(
              `An object has the same key twice (at character ${String(at)}).`,
            );
          keys.add(key);
          expectsKey = false;
        }
        at = end;
        break;
      }
      default:
    }
    if (open.length > deepest)
      throw malformed(
        `The body is nested more than ${String(deepest)} levels deep.`,
      );
  }
};

/** What is no JSON string stays as it is, for JSON.parse to refuse. */
const unescaped = (quoted: string): string => {
  if (!quoted.includes("\\")) return quoted;
  try {
    return JSON.stringify(JSON.parse(quoted));
  } catch {
    return quoted;
  }
};

const endOfString = (text: string, from: number): number => {
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at;
    if (code === 0x5c) at += 1;
  }
  return text.length;
};
