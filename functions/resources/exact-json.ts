type Reviver = (
  this: object,
  name: string,
  value: unknown,
  context: { readonly source?: string },
) => unknown;

/** Of an object, the texts of those numbers that JavaScript would write otherwise. */
const written = new WeakMap<object, Map<string, string>>();

/** Zeros at the end, exponents, more digits than a double keeps: rather too much is found than too little. */
const unusual =
  /:\s*-?(?=\d)(?:\d+\.\d*0[\s,}]|[\d.]+[eE][-+\d]|[\d.]{16,}[\s,}]|0\.0{6}|(?<=-)0[\s,}])/;

export const isUnusual = (text: string): boolean => unusual.test(text);

/**
 * JSON.parse whose numbers JSON.stringify writes as they were: R4, "the precision of the decimal value has significance".
 * To everyone else they are ordinary numbers. A number that is changed is written as it is then. A copy of its object knows
 * nothing, but for `writtenAs`; nor do lists of numbers: R4 has some of decimals in MolecularSequence only.
 */
export const parseExact = (text: string): unknown =>
  isUnusual(text)
    ? (JSON.parse as (text: string, reviver: Reviver) => unknown)(text, noting)
    : JSON.parse(text);

const noting: Reviver = function (name, value, { source }) {
  if (
    typeof value === "number" &&
    source !== undefined &&
    String(value) !== source &&
    !Array.isArray(this)
  )
    (written.get(this) ?? marked(this, new Map())).set(name, source);
  return value;
};

const marked = (
  value: object,
  texts: Map<string, string>,
): Map<string, string> => {
  Object.setPrototypeOf(value, exact);
  written.set(value, texts);
  return texts;
};

/** The prototype of objects with such numbers: JSON.stringify asks `toJSON` what to write. */
const exact = Object.create(Object.prototype, {
  toJSON: {
    value: function (this: Readonly<Record<string, unknown>>) {
      const told = { ...this };
      for (const name of written.get(this)?.keys() ?? []) {
        const text = writtenIn(this, name);
        if (text !== undefined) told[name] = rawJson(text);
      }
      return told;
    },
  },
}) as object;

/** JSON.stringify writes it as this text. */
export const { rawJSON: rawJson } = JSON as unknown as {
  readonly rawJSON: (text: string) => unknown;
};

/** The text of a number that JavaScript would write otherwise, while it is that number. */
export const writtenIn = (
  value: Readonly<Record<string, unknown>>,
  name: string,
): string | undefined => {
  const text = written.get(value)?.get(name);
  return Number(text) === value[name] ? text : undefined;
};

/** The copy, its numbers written as those of the original. */
export const writtenAs = <T extends object>(original: object, copy: T): T => {
  const texts = written.get(original);
  if (texts) marked(copy, texts);
  return copy;
};
