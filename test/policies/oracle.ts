import type { Question } from "../../functions/core/permission.ts";
import type { Jurisdiction } from "./policy-files.ts";

/** Who is told, in the words of the law. */
interface Telling {
  readonly staff: boolean;
  readonly outside: boolean;
  readonly forPatient: boolean;
  readonly ours: boolean;
  readonly officer: boolean;
  readonly emergency: boolean;
  readonly agreed: boolean;
  readonly purpose: string;
  readonly type: string;
  readonly aboutPatient: boolean;
  readonly place: string;
  readonly country: string;
  readonly has: (...labels: readonly string[]) => boolean;
}

const tellingOf = (question: Question): Telling => {
  const { principal, resource, purpose, emergency, consent } = question;
  const staff = principal.kind === "Staff";
  const place = principal.kind === "Client" ? principal.location : "";
  return {
    staff,
    outside: principal.kind === "Client",
    forPatient: principal.kind === "Proxy",
    ours: principal.kind === "System",
    officer: staff && principal.roles.includes("privacy-officer"),
    emergency: staff && emergency && purpose === "ETREAT",
    agreed: consent === "permitted",
    purpose,
    type: resource?.type ?? "",
    aboutPatient: resource?.place !== "directory",
    place,
    country: place.split("-")[0] ?? "",
    has: (...labels) =>
      labels.some((label) => resource?.labels.includes(label) === true),
  };
};

const addiction = ["42CFRPart2", "ETH", "SUD", "ETHUD", "OPIOIDUD"];
const therapy = ["PSYTHPN", "HIPAAPsyNotes"];
const subjects = "BH GDIS GENDER HIV MH PSY SDV SEX STD".split(" ");
const sensitive = ["R", "V", ...addiction, ...therapy, ...subjects];
const billing =
  "Account Appointment Claim ClaimResponse Condition Consent Coverage CoverageEligibilityRequest CoverageEligibilityResponse Encounter ExplanationOfBenefit Invoice Patient PaymentNotice Procedure RelatedPerson ServiceRequest Task".split(
    " ",
  );
const ground = "US PR GU VI AS MP".split(" ");
const economicArea =
  "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split(
    " ",
  );
const adequate = "AD AR BR CH FO GB GG IL IM JE JP KR NZ UY".split(" ");

const needless = (told: Telling): boolean =>
  told.purpose === "HPAYMT"
    ? told.aboutPatient && !billing.includes(told.type)
    : told.purpose === "HOPERAT" && told.has(...sensitive) && !told.officer;

/** A naive reading of each pack: the names of the policies that are broken. */
export const brokenBy = (
  pack: Jurisdiction,
  question: Question,
): readonly string[] => {
  const told = tellingOf(question);
  const { staff, outside, forPatient, agreed, emergency, has } = told;
  const reads = question.action === "read" || question.action === "search";
  const spoils = question.action === "update" || question.action === "delete";
  const commercial = told.purpose === "HMARKT";
  const research = told.purpose === "HRESCH";
  const others = staff || outside || forPatient;
  const broken: Record<Jurisdiction, Record<string, boolean>> = {
    "us-hipaa": {
      "payment-minimum":
        (staff || outside) &&
        !agreed &&
        told.purpose === "HPAYMT" &&
        needless(told),
      "operations-minimum":
        (staff || outside) &&
        !agreed &&
        told.purpose === "HOPERAT" &&
        needless(told),
      "psychotherapy-notes": others && has(...therapy) && !agreed && !emergency,
      authorization: (commercial || research) && told.aboutPatient && !agreed,
      "self-pay":
        question.restricted &&
        told.purpose === "HPAYMT" &&
        (others || told.ours),
    },
    "us-part2": {
      consent: others && has(...addiction) && !agreed && !emergency,
      "counseling-notes":
        others &&
        has(...addiction) &&
        has(...therapy) &&
        (told.purpose === "HPAYMT" || told.purpose === "HOPERAT"),
      tasks:
        told.ours &&
        has(...addiction) &&
        told.type !== "Appointment" &&
        told.type !== "Consent" &&
        !isNotifying(question),
    },
    "us-ca": {
      "sensitive-services":
        outside && has("SEX", "GENDER") && told.place !== "US-CA" && !agreed,
      marketing: commercial && told.aboutPatient && !agreed,
    },
    "us-tx": {
      "kept-in-us":
        outside && told.aboutPatient && !ground.includes(told.country),
      "electronic-disclosure":
        outside &&
        told.aboutPatient &&
        !agreed &&
        !["TREAT", "HPAYMT", "HOPERAT"].includes(told.purpose),
    },
    "us-wa": {
      purpose:
        (staff || outside) &&
        has("CONSUMER") &&
        !agreed &&
        !["TREAT", "ETREAT"].includes(told.purpose),
      sharing: outside && has("CONSUMER") && !agreed,
    },
    "eu-gdpr": {
      restriction:
        spoils &&
        (staff || outside) &&
        question.restricted &&
        told.type !== "Consent" &&
        !told.officer &&
        !emergency,
      "explicit-consent":
        (commercial || research) && told.aboutPatient && !agreed,
      transfer:
        outside &&
        told.aboutPatient &&
        !agreed &&
        ![...economicArea, ...adequate].includes(told.country),
      minimisation: (staff || outside) && !told.officer && needless(told),
    },
  };
  return Object.entries(broken[pack])
    .filter(([name, is]) => is && (reads || name === "restriction"))
    .map(([name]) => `${pack}-${name}`);
};

const isNotifying = ({ principal }: Question): boolean =>
  principal.kind === "System" && principal.name === "notify-subscribers";
