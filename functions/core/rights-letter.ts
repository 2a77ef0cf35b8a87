import type { Task } from "@medplum/fhirtypes";
import type { Language } from "../../packs/messages/message-pack.ts";
import type { Ground } from "../../packs/rights/ground-codes.ts";
import { grounds } from "../../packs/rights/grounds.ts";
import {
  complaintLines,
  delayTexts,
  feeLines,
  informLine,
  letters,
  requestNames,
  reviewLines,
  reviewNames,
  upheldLines,
  type LetterName,
} from "../../packs/rights/letters.ts";
import { fill } from "./message.ts";
import type { OrganizationSettings } from "./settings.ts";
import {
  askedOf,
  demandedKind,
  dueOf,
  extendedBecause,
  informOutput,
  outputsOf,
  reasonIn,
  reviewedBy,
  ruleNames,
} from "./privacy-request.ts";
import { appealOf } from "./rights-appeal.ts";
import { feeOf } from "./rights.ts";

export interface LetterPlace {
  readonly language: Language;
  readonly organization: OrganizationSettings;
  readonly jurisdictions: readonly string[];
  readonly now: string;
}

/** A letter about a request: what was asked and decided, by when, why, and what can be done about it; nothing clinical. */
export const rightsLetter = (
  name: LetterName,
  task: Task,
  place: LetterPlace,
): string => {
  const { language, organization } = place;
  const ground = groundOf(task);
  const lines = [
    ...letters[name][language],
    ...(name === "copied" ? [feeLine(task, place)] : []),
    ...(name === "amended" && outputsOf(task, informOutput).length > 0
      ? [informLine[language]]
      : []),
    ...(isDenial(name) ? remedies(name, task, place) : []),
  ];
  const values = {
    request: nameOf(name, task, language),
    due: new Intl.DateTimeFormat(language, {
      dateStyle: "long",
      timeZone: organization.timeZone,
    }).format(new Date(dueOf(task))),
    reason:
      name === "extended"
        ? delayTexts[extendedBecause(task) ?? ""]?.[language]
        : ground && grounds[ground][language],
    phone: organization.phone,
  };
  return [
    ...lines.map((line) => fill(line, values)),
    ...(isDenial(name) ? [task.statusReason?.text ?? ""] : []),
  ]
    .filter((line) => line !== "")
    .join("\n\n");
};

const isDenial = (name: LetterName): boolean =>
  name === "denied" || name === "amendment-denied" || name === "upheld";

/** While a review is open it is called so; what comes of it is an answer to the request itself. */
const nameOf = (name: LetterName, task: Task, language: Language): string => {
  const request = requestNames[demandedKind(task)][language];
  const isOfReview =
    reviewedBy(task) !== undefined &&
    (name === "acknowledged" || name === "withdrawn");
  return isOfReview ? reviewNames[language](request) : request;
};

/** What a person can do about a denial. */
const remedies = (
  name: LetterName,
  task: Task,
  place: LetterPlace,
): readonly string[] => {
  const { language, jurisdictions } = place;
  const appeals =
    name === "upheld"
      ? undefined
      : appealOf(askedOf(task), reasonIn(task), receiptIn(place, place.now));
  return [
    ...(appeals === undefined
      ? []
      : [
          reviewLines[
            appeals.some(({ licensed }) => licensed) ? "licensed" : "anybody"
          ][language],
        ]),
    ...(name === "upheld"
      ? ruleNames(task).flatMap((rule) => upheldLines[rule]?.[language] ?? [])
      : []),
    ...complaintLines
      .filter(({ jurisdictions: where }) =>
        where.some((one) => jurisdictions.includes(one)),
      )
      .map(({ texts }) => texts[language]),
  ];
};

const feeLine = (task: Task, place: LetterPlace): string =>
  feeLines[
    feeOf(askedOf(task), receiptIn(place, task.authoredOn ?? place.now))
  ][place.language];

const receiptIn = (
  { organization, jurisdictions }: LetterPlace,
  received: string,
) => ({ jurisdictions, zone: organization.timeZone, received });

const groundOf = (task: Task): Ground | undefined => {
  const code = reasonIn(task) ?? "";
  return code in grounds ? (code as Ground) : undefined;
};
