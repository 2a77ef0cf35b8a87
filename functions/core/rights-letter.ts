import type { Task } from "@medplum/fhirtypes";
import type { Language } from "../../packs/messages/message-pack.ts";
import type { Ground } from "../../packs/rights/ground-codes.ts";
import { grounds } from "../../packs/rights/grounds.ts";
import {
  complaintLines,
  delayTexts,
  letters,
  requestNames,
  reviewLine,
  type LetterName,
} from "../../packs/rights/letters.ts";
import { fill } from "./message.ts";
import type { OrganizationSettings } from "./settings.ts";
import {
  demandedKind,
  dueOf,
  extendedBecause,
  reasonIn,
} from "./privacy-request.ts";

export interface LetterPlace {
  readonly language: Language;
  readonly organization: OrganizationSettings;
  readonly jurisdictions: readonly string[];
}

/** A letter about a request: what was asked and decided, by when, why, and what can be done about it; nothing clinical. */
export const rightsLetter = (
  name: LetterName,
  task: Task,
  { language, organization, jurisdictions }: LetterPlace,
): string => {
  const ground = groundOf(task);
  const isDenial = name === "denied" || name === "amendment-denied";
  const lines = [
    ...letters[name][language],
    ...(isDenial && ground !== undefined && "review" in grounds[ground]
      ? [reviewLine[language]]
      : []),
    ...(isDenial || name === "restricted"
      ? complaintLines
          .filter(({ jurisdictions: where }) =>
            where.some((one) => jurisdictions.includes(one)),
          )
          .map(({ texts }) => texts[language])
      : []),
  ];
  const values = {
    request: requestNames[demandedKind(task)][language],
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
    ...(isDenial ? [task.statusReason?.text ?? ""] : []),
  ]
    .filter((line) => line !== "")
    .join("\n\n");
};

const groundOf = (task: Task): Ground | undefined => {
  const code = reasonIn(task) ?? "";
  return code in grounds ? (code as Ground) : undefined;
};
