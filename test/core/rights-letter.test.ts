import { describe, expect, it } from "vitest";
import {
  denied,
  extended,
  requestTask,
} from "../../functions/core/privacy-request.ts";
import { reviewTask } from "../../functions/core/rights-appeal.ts";
import { rightsLetter } from "../../functions/core/rights-letter.ts";
import { clockOf } from "../../functions/core/rights.ts";
import { letters, type LetterName } from "../../packs/rights/letters.ts";
import { requestKinds } from "../../packs/rights/rights-pack.ts";
import { demo } from "../../organizations/demo.ts";

const received = "2026-11-23T15:00:00.000Z";
const everywhere = ["us-hipaa", "us-ca", "us-wa", "us-tx", "eu-gdpr"];
const names = Object.keys(letters) as LetterName[];
const place = {
  organization: demo.settings,
  jurisdictions: everywhere,
  now: received,
};
const zone = demo.settings.timeZone;

const refused = (kind: (typeof requestKinds)[number]) => {
  const clock = clockOf(
    { kind },
    { jurisdictions: everywhere, zone, received },
  );
  const task = requestTask(
    { kind, details: {} },
    { patientId: "p", by: "patient:p", isByPatient: true, received, clock },
  );
  return {
    ...denied(extended(task, "complex", clock.due), {
      ground: "endangers-life",
      by: ["staff:a"],
    }),
    id: "first",
  };
};

describe("letters", () => {
  it.each(names)("%s says all that it has to say, in each language", (name) => {
    for (const kind of requestKinds)
      for (const language of ["en", "es"] as const) {
        const text = rightsLetter(name, refused(kind), { ...place, language });
        expect(text).not.toMatch(/[{}]|undefined/u);
        expect(text.length).toBeGreaterThan(40);
      }
  });

  it("of a review name it until it is decided, then what it is about", () => {
    const review = reviewTask(
      refused("access"),
      {
        patientId: "p",
        by: "patient:p",
        isByPatient: true,
        received,
        verified: undefined,
      },
      { jurisdictions: everywhere, zone, earlier: [] },
    );
    const told = (name: LetterName, language: "en" | "es") =>
      rightsLetter(name, review, { ...place, language });
    expect(told("acknowledged", "en")).toContain("to review our denial of");
    expect(told("acknowledged", "es")).toContain("revisar nuestra denegación");
    expect(told("copied", "en")).not.toContain("review");
    expect(told("upheld", "en")).toContain("atg.wa.gov");
    // Whoever is under HIPAA is exempt from the Texan act.
    expect(told("upheld", "en")).not.toContain("texasattorneygeneral");
  });

  it("of a denial tell of a licensed reviewer where one of the laws wants one", () => {
    const told = (jurisdictions: readonly string[]) =>
      rightsLetter("denied", refused("access"), {
        ...place,
        jurisdictions,
        language: "en",
      });
    expect(told(["us-hipaa", "us-wa"])).toContain("licensed professional");
    expect(told(["us-wa"])).toContain("You may appeal");
    expect(told(["us-wa"])).not.toContain("licensed professional, who");
    expect(told(["us-ca"])).not.toMatch(/may (ask that|appeal)/u);
  });
});
