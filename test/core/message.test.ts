import { describe, expect, it } from "vitest";
import {
  fill,
  languageOf,
  placeholdersIn,
  render,
} from "../../functions/core/message.ts";
import { smsSize } from "../../functions/core/sms.ts";
import { demo } from "../../organizations/demo.ts";
import {
  languages,
  type MessageTexts,
} from "../../packs/messages/message-pack.ts";
import { preVisitMessages } from "../../packs/messages/pre-visit.ts";
import { replyTexts } from "../../packs/messages/replies.ts";
import { anAppointment } from "./contact-builders.ts";

const organization = demo.settings;
const location = {
  resourceType: "Location" as const,
  name: "Riverside Clinic",
  address: {
    line: ["12 River Street"],
    city: "Albany",
    state: "NY",
    postalCode: "12207",
  },
  extension: [
    {
      url: "http://hl7.org/fhir/StructureDefinition/tz-code",
      valueCode: "America/Chicago",
    },
    { url: "urn:sojourn:directions", valueString: "Bus 12 stops at the door." },
    { url: "urn:sojourn:parking", valueString: "Garage on Mill Lane." },
  ],
};
const service = {
  resourceType: "HealthcareService" as const,
  name: "Colonoscopy",
  extraDetails: "Drink the solution the evening before.",
};
const visit = { appointment: anAppointment(), location, service };
const token = "PX17A8T47AJB";

const all = Object.entries(preVisitMessages.messages);
const textsIn = ({
  sms,
  email,
  push,
  portal,
}: MessageTexts): Readonly<Record<string, string>> => ({
  sms,
  subject: email.subject,
  email: email.lines.join("\n"),
  push: `${push.title} ${push.text}`,
  portal: portal.join("\n"),
});

describe("the catalog of messages", () => {
  it.each(all)(
    "%s has the same placeholders in every language",
    (_, { texts }) => {
      const byLanguage = languages.map((language) =>
        Object.entries(textsIn(texts[language])).map(([form, text]) => [
          form,
          placeholdersIn(text).toSorted(),
        ]),
      );
      for (const one of byLanguage) expect(one).toEqual(byLanguage[0]);
    },
  );
  it.each(Object.entries(replyTexts))(
    "the answer to %s has the same placeholders in every language",
    (_, texts) => {
      for (const language of languages)
        expect(placeholdersIn(texts[language]).toSorted()).toEqual(
          placeholdersIn(texts.en).toSorted(),
        );
    },
  );
  it.each(all)(
    "%s speaks of preparation and service in the portal only",
    (_, { texts }) => {
      for (const language of languages) {
        const { portal, ...outside } = textsIn(texts[language]);
        expect(placeholdersIn(portal ?? "")).toEqual(
          expect.arrayContaining([
            "preparation",
            "directions",
            "parking",
            "registration",
          ]),
        );
        for (const text of Object.values(outside))
          expect(placeholdersIn(text)).not.toContain("preparation");
      }
    },
  );
  it.each(all)(
    "%s names the organization and the way out in every text message and e-mail",
    (_, { texts }) => {
      for (const language of languages) {
        const { sms = "", email = "" } = textsIn(texts[language]);
        for (const text of [sms, email])
          expect(placeholdersIn(text)).toContain("organization");
        expect(sms).toMatch(/\bSTOP\b/);
        expect(email).toMatch(
          language === "en" ? /stop these e-mails/ : /no recibir más/,
        );
      }
    },
  );
  it("has text messages of one part for names of usual length", () => {
    const sizes = all.flatMap(([, template]) =>
      languages.map((language) =>
        smsSize(render(template, language, visit, organization, token).sms),
      ),
    );
    for (const size of sizes)
      expect(size).toMatchObject({ encoding: "GSM-7", parts: 1 });
    const answers = Object.values(replyTexts).flatMap((texts) =>
      languages.map((language) =>
        smsSize(
          fill(texts[language], {
            organization: organization.displayName,
            phone: organization.phone,
          }),
        ),
      ),
    );
    for (const size of answers)
      expect(size).toMatchObject({ encoding: "GSM-7", parts: 1 });
  });
});

describe("a reminder", () => {
  const template = preVisitMessages.messages.reminder;
  if (template === undefined) throw new Error("there is a reminder");
  const rendered = (
    language: "en" | "es",
    changed: Partial<typeof visit> = {},
  ) =>
    render(template, language, { ...visit, ...changed }, organization, token);

  it("tells the time at the place of the visit", () => {
    expect(rendered("en").sms).toContain(
      "Fri Mar 6 9:00 AM CST, Riverside Clinic",
    );
    expect(rendered("es").sms).toContain(
      "vie 6 mar 9:00 AM CST, Riverside Clinic",
    );
    expect(rendered("en").portal).toContain(
      "Friday, March 6, 2026, 9:00 AM CST",
    );
  });
  it("links to itself in the portal by an opaque token", () => {
    expect(rendered("en").sms).toContain(
      `https://portal.sojourn.example/m/${token}`,
    );
    expect(rendered("en").portal).toContain(
      `https://portal.sojourn.example/pre-registration/${token}`,
    );
  });
  it("tells the way by e-mail, how to prepare in the portal only", () => {
    const { email, portal, sms, push } = rendered("en");
    expect(email.text).toContain("Parking: Garage on Mill Lane.");
    expect(portal).toContain(
      "How to prepare: Drink the solution the evening before.",
    );
    for (const text of [
      email.text,
      email.subject,
      sms,
      push.title,
      push.text,
    ]) {
      expect(text).not.toContain("solution");
      expect(text).not.toContain("Colonoscopy");
    }
  });
  it("leaves out what nobody has written down", () => {
    const bare = rendered("en", {
      location: { ...location, extension: [] },
      service: { resourceType: "HealthcareService" } as typeof service,
    });
    expect(bare.email.text).not.toContain("Parking");
    expect(bare.portal).not.toContain("How to prepare");
    expect(bare.portal).not.toMatch(/\{|undefined|\n\n\n/);
  });
  it("shortens a long name of the place to stay in one part", () => {
    const { sms } = rendered("en", {
      location: {
        ...location,
        name: "Riverside Clinic for Internal Medicine and Family Care",
      },
    });
    expect(smsSize(sms)).toMatchObject({ encoding: "GSM-7", parts: 1 });
    expect(sms).toContain("Riverside");
  });
  it("costs one part with accents in the name of the place", () => {
    expect(
      smsSize(
        rendered("es", {
          location: { ...location, name: "Clínica José Martí" },
        }).sms,
      ),
    ).toMatchObject({ encoding: "GSM-7", parts: 1 });
  });
});

describe("the language", () => {
  const speaks = (...codes: readonly (readonly [string, boolean])[]) => ({
    communication: codes.map(([code, preferred]) => ({
      language: { coding: [{ code }] },
      preferred,
    })),
  });
  it.each([
    ["is the preferred one", speaks(["en", false], ["es-MX", true]), "es"],
    [
      "is another one of the patient's when we do not write the preferred one",
      speaks(["zh", true], ["es", false]),
      "es",
    ],
    [
      "is the organization's for those who speak none of ours",
      speaks(["zh", true]),
      "en",
    ],
    ["is the organization's when nobody asked", {}, "en"],
  ])("%s", (_, patient, language) =>
    expect(languageOf(patient, organization)).toBe(language),
  );
});
