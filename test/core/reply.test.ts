import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { understand, type Reply } from "../../functions/core/reply.ts";

const meanings: Readonly<Record<Reply, readonly string[]>> = {
  confirm: [
    "C",
    "c",
    " c. ",
    "YES",
    "Yes!",
    "SI",
    "sí",
    "Confirm",
    "ok",
    "confirmo",
  ],
  cancel: ["X", "x", "NO", "no."],
  reschedule: ["R", "r", "Reschedule", "cambiar"],
  stop: [
    "STOP",
    "stop",
    "Stop.",
    "QUIT",
    "END",
    "revoke",
    "opt out",
    "OPT-OUT",
    "optout",
    "CANCEL",
    "Cancel",
    "UNSUBSCRIBE",
    "arrêt",
    "STOPALL",
    "stop all",
    "STOP texting me",
    "baja",
  ],
  start: ["START", "unstop", "opt in", "alta"],
  help: ["HELP", "info", "ayuda"],
  other: [
    "",
    "?",
    "C X",
    "cancel my visit please",
    "yes but later",
    "no idea",
    "Is there a ramp?",
    "👍",
    "stopped by yesterday",
    "1",
  ],
};

describe("a text message means", () => {
  it.each(
    Object.entries(meanings).flatMap(([meaning, texts]) =>
      texts.map((text) => [meaning, text] as const),
    ),
  )("%s: %j", (meaning, text) => {
    expect(understand(text)).toBe(meaning);
  });

  it("the same whatever the case and the marks around it", () => {
    const words = Object.entries(meanings)
      .filter(([meaning]) => meaning !== "other")
      .flatMap(([meaning, texts]) =>
        texts.map((text) => [meaning, text] as const),
      );
    fc.assert(
      fc.property(
        fc.constantFrom(...words),
        fc.constantFrom("", " ", "!", "...", "\n"),
        fc.boolean(),
        ([meaning, text], mark, upper) => {
          expect(
            understand(
              `${mark}${upper ? text.toUpperCase() : text.toLowerCase()}${mark}`,
            ),
          ).toBe(meaning);
        },
      ),
    );
  });

  it("that the visit is cancelled only when it says X or NO: CANCEL is a word that opts out", () => {
    expect(understand("CANCEL")).toBe("stop");
  });
});
