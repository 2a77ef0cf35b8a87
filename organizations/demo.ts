import { organization } from "../functions/core/organization.ts";

/** The local clinic that `npm start` deploys; every person and number in it is invented. */
export const demo = organization({
  settings: {
    slug: "demo",
    displayName: "Sojourn Demo Clinic",
    timeZone: "America/New_York",
    languages: ["en", "es"],
    phone: "+12025550100",
    portalUrl: "https://portal.sojourn.example",
    uniqueIdentifiers: ["https://sojourn.example/mrn"],
    notifiableNetworks: ["127.0.0.0/8", "::1/128"],
    channels: ["sms", "email", "push", "portal"],
    contactHours: { from: "09:00", until: "20:00" },
    contactBudget: { perDay: 3, perWeek: 8 },
    preVisit: {
      remindersBefore: [72, 24, 2],
      callAfterSilenceOn: 24,
      answerWithin: 4,
    },
  },
  account: "000000000000",
  region: "us-east-1",
  jurisdictions: ["us-hipaa"],
  sms: {
    originationIdentity: "phone-00000000000000000000000000000000",
    phoneNumber: "+12025550199",
  },
  email: {
    from: "clinic@demo.sojourn.example",
    domain: "demo.sojourn.example",
  },
  clients: {
    ehr: { scopes: ["system/*.cruds"] },
  },
  retention: { logDays: 2192, keyRecoveryDays: 7 },
  vendors: [
    {
      name: "aws",
      services: ["cloud", "sms", "email", "push"],
      agreements: [
        {
          kind: "baa",
          signed: "2025-01-15",
          expires: null,
          review: "2030-01-15",
          reference: "AWS Artifact, invented for the demo",
        },
      ],
      dataClasses: [
        "contact-details",
        "appointment",
        "clinical",
        "billing",
        "sensitive",
      ],
      region: "us-east-1",
      subprocessors: [],
    },
  ],
  operators: [],
  disposable: true,
});
