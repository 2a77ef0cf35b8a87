import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gsm7, smsSize } from "../../functions/core/sms.ts";

describe("a text message's parts", () => {
  it.each([
    [
      "160 plain letters are one",
      "a".repeat(160),
      { encoding: "GSM-7", length: 160, parts: 1 },
    ],
    [
      "161 are two",
      "a".repeat(161),
      { encoding: "GSM-7", length: 161, parts: 2 },
    ],
    [
      "306 are two of 153",
      "a".repeat(306),
      { encoding: "GSM-7", length: 306, parts: 2 },
    ],
    [
      "307 are three",
      "a".repeat(307),
      { encoding: "GSM-7", length: 307, parts: 3 },
    ],
    [
      "the euro sign counts twice",
      "€".repeat(81),
      { encoding: "GSM-7", length: 162, parts: 2 },
    ],
    [
      "an accent of the alphabet costs nothing",
      "é".repeat(160),
      { encoding: "GSM-7", length: 160, parts: 1 },
    ],
    [
      "an accent outside of it halves the room",
      `${"a".repeat(70)}á`,
      { encoding: "UCS-2", length: 71, parts: 2 },
    ],
    [
      "an emoji is two units",
      "👍".repeat(35),
      { encoding: "UCS-2", length: 70, parts: 1 },
    ],
  ])("%s", (_, text, size) => expect(smsSize(text)).toEqual(size));
});

describe("a text for carriers", () => {
  it("loses accents, curly quotes and thin spaces, nothing else", () => {
    expect(gsm7("Cita mié 3 de márzo, 9:00\u202fAM: “Clínica” – ¡sí!")).toBe(
      'Cita mié 3 de marzo, 9:00 AM: "Clinica" - ¡si!',
    );
  });
  it("keeps letters that have no plain form", () =>
    expect(gsm7("診療所")).toBe("診療所"));
  it("stays as it is the second time", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(gsm7(gsm7(text))).toBe(gsm7(text));
      }),
    );
  });
});
