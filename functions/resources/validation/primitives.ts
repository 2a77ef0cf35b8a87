/** What is wrong with the value, as a sentence that does not hold it; undefined when nothing is. */
export type Check = (value: unknown) => Finding | undefined;

interface Finding {
  readonly code: "structure" | "value" | "too-long";
  readonly text: string;
}

/** R4: "strings SHALL NOT exceed 1MB in size". */
const maxLength = 1_048_576;

const structure = (text: string): Finding => ({ code: "structure", text });
const value = (text: string): Finding => ({ code: "value", text });

const matching = (
  pattern: RegExp,
  text: string,
  further?: (candidate: string) => boolean,
): Check => {
  const [notString, malformed, tooLong] = [
    structure("must be a string"),
    value(text),
    { code: "too-long", text: "must not exceed 1 MB" } as const,
  ];
  return (candidate) => {
    if (typeof candidate !== "string") return notString;
    if (candidate.length > maxLength) return tooLong;
    return pattern.test(candidate) && (further?.(candidate) ?? true)
      ? undefined
      : malformed;
  };
};

const number = (
  text: string,
  allowed: (candidate: number) => boolean,
): Check => {
  const [notNumber, outside] = [structure("must be a number"), value(text)];
  return (candidate) => {
    if (typeof candidate !== "number") return notNumber;
    return allowed(candidate) ? undefined : outside;
  };
};

const integer = (least: number): Check =>
  number(
    `must be a whole number from ${least} to 2147483647`,
    (candidate) =>
      Number.isInteger(candidate) &&
      candidate >= least &&
      candidate <= 2_147_483_647,
  );

/** Days that the month does not have. */
const isCalendarDate = (text: string): boolean => {
  const [year, month = "01", day = "01"] = text.slice(0, 10).split("-");
  return (
    Number(day) <=
    new Date(
      Date.UTC(2000 + (Number(year) % 400), Number(month), 0),
    ).getUTCDate()
  );
};

const year = String.raw`(?!0000)\d{4}`;
const month = String.raw`(?:0[1-9]|1[0-2])`;
const day = String.raw`(?:0[1-9]|[12]\d|3[01])`;
const time = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?`;
const zone = String.raw`(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))`;

const isWellFormed = (text: string): boolean => text.isWellFormed();

const text = /^(?=[^]*\S)[^\u0000-\u0008\u000b\u000c\u000e-\u001f]*$/u;
const string = matching(
  text,
  "must be text that is not empty, without control characters",
  isWellFormed,
);
const uri = matching(
  /^[^\s\p{Cc}]+$/u,
  "must be a URI: not empty, without white space or control characters",
  isWellFormed,
);

const base64 = (candidate: string): boolean => {
  const bare = candidate.replace(/\s/gu, "");
  return (
    bare.length % 4 === 0 && bare !== "" && /^[A-Za-z0-9+/]+={0,2}$/u.test(bare)
  );
};

const notBoolean = structure("must be true or false");

/** By the name of the primitive datatype. */
export const primitives: ReadonlyMap<string, Check> = new Map<string, Check>([
  [
    "boolean",
    (candidate) => (typeof candidate === "boolean" ? undefined : notBoolean),
  ],
  ["integer", integer(-2_147_483_648)],
  ["unsignedInt", integer(0)],
  ["positiveInt", integer(1)],
  ["decimal", number("must be a finite number", Number.isFinite)],
  ["string", string],
  ["markdown", string],
  ["xhtml", string],
  ["uri", uri],
  ["url", uri],
  ["canonical", uri],
  [
    "oid",
    matching(
      /^urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+$/u,
      "must be an OID, such as urn:oid:1.2.3",
    ),
  ],
  [
    "uuid",
    matching(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u,
      "must be a UUID in lower case: urn:uuid:…",
    ),
  ],
  [
    "id",
    matching(
      /^[A-Za-z0-9\-.]{1,64}$/u,
      "must be an id: 1 to 64 letters, digits, hyphens or dots",
    ),
  ],
  [
    "code",
    matching(
      /^[^\s\p{Cc}]+(?: [^\s\p{Cc}]+)*$/u,
      "must be a code: no leading, trailing or doubled white space, no control characters",
      isWellFormed,
    ),
  ],
  ["base64Binary", matching(/^/u, "must be base64", base64)],
  [
    "date",
    matching(
      new RegExp(`^${year}(?:-${month}(?:-${day})?)?$`, "u"),
      "must be a date: YYYY, YYYY-MM or YYYY-MM-DD",
      isCalendarDate,
    ),
  ],
  [
    "dateTime",
    matching(
      new RegExp(
        `^${year}(?:-${month}(?:-${day}(?:T${time}${zone})?)?)?$`,
        "u",
      ),
      "must be a dateTime: a date, or YYYY-MM-DDThh:mm:ss with a time zone",
      isCalendarDate,
    ),
  ],
  [
    "instant",
    matching(
      new RegExp(`^${year}-${month}-${day}T${time}${zone}$`, "u"),
      "must be an instant: YYYY-MM-DDThh:mm:ss with a time zone",
      isCalendarDate,
    ),
  ],
  ["time", matching(new RegExp(`^${time}$`, "u"), "must be a time: hh:mm:ss")],
]);
