const basic =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const extended = "^{}\\[~]|€\f";
const septets = new Map([
  ...Array.from(basic, (letter) => [letter, 1] as [string, number]),
  ...Array.from(extended, (letter) => [letter, 2] as [string, number]),
]);

export interface SmsSize {
  readonly encoding: "GSM-7" | "UCS-2";
  /** Septets, or 16-bit units. */
  readonly length: number;
  /** What the carrier charges for: 160/153 septets or 70/67 units each. */
  readonly parts: number;
}

/** The size of a text message as the carrier counts it (3GPP TS 23.038). */
export const smsSize = (text: string): SmsSize => {
  const counts = Array.from(text, (letter) => septets.get(letter));
  if (counts.includes(undefined)) return sized("UCS-2", text.length, 70, 67);
  return sized(
    "GSM-7",
    counts.reduce<number>((sum, count = 0) => sum + count, 0),
    160,
    153,
  );
};

const sized = (
  encoding: SmsSize["encoding"],
  length: number,
  single: number,
  joined: number,
): SmsSize => ({
  encoding,
  length,
  parts: length <= single ? 1 : Math.ceil(length / joined),
});

const plain: Readonly<Record<string, string>> = {
  "‘": "'",
  "’": "'",
  "“": '"',
  "”": '"',
  "–": "-",
  "—": "-",
  "…": "...",
  "\u00a0": " ",
  "\u202f": " ",
};

/** The same text in GSM-7 letters where that only loses an accent; one curly quote would double the price. */
export const gsm7 = (text: string): string =>
  Array.from(text, (letter) =>
    septets.has(letter) ? letter : (plain[letter] ?? withoutMarks(letter)),
  ).join("");

const withoutMarks = (letter: string): string => {
  const bare = letter.normalize("NFKD").replace(/\p{M}/gu, "");
  return Array.from(bare).every((part) => septets.has(part)) && bare !== ""
    ? bare
    : letter;
};
