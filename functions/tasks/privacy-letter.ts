import type { Task } from "@medplum/fhirtypes";
import type { LetterName } from "../../packs/rights/letters.ts";
import {
  answered,
  draft,
  messageSystem,
  prepared,
} from "../core/communication.ts";
import { languageOf } from "../core/message.ts";
import { requestedBy } from "../core/privacy-request.ts";
import { patientOnlyOf } from "../core/request-kind.ts";
import type { Deps } from "../runtime/dependencies.ts";
import type { Work } from "../store/records.ts";
import type { RequestInput } from "./privacy-input.ts";
import { raiseOnce } from "./raise-once.ts";

/**
 * Tells the patient, once: in the portal, the inbox that needs no address. Where staff wrote the request down, somebody
 * prints the letter as well, for whoever asked may not use the portal.
 */
export const sendLetter = async (
  work: Work,
  name: LetterName,
  {
    task,
    input: { execution, patient, request, now },
    deps: { organization, jurisdictions },
  }: {
    readonly task: Task;
    readonly input: RequestInput;
    readonly deps: Pick<Deps, "organization" | "jurisdictions">;
  },
): Promise<void> => {
  const letter = `${execution}/${name}`;
  const [sent] = await work.byIdentifier(
    "Communication",
    messageSystem,
    letter,
  );
  if (sent !== undefined) return;
  const person = await work.demand("Patient", patient);
  // Most looks at a clock write no letter.
  const { rightsLetter } = await import("../core/rights-letter.ts");
  const security = patientOnlyOf(task);
  const text = rightsLetter(name, task, {
    language: languageOf(person, organization),
    organization,
    jurisdictions,
    now,
  });
  const message = prepared(
    draft({
      name: letter,
      patientId: patient,
      recipient: `Patient/${patient}`,
      template: { topic: "privacy", category: "notification" },
      appointment: undefined,
    }),
    { channel: "portal", value: "", rank: undefined },
    [text],
    [],
  );
  await work.create({
    ...(security.length > 0 && { meta: { security } }),
    ...answered(
      message,
      { outcome: "accepted", messageId: undefined, delivered: true },
      now,
    ),
    about: [{ reference: `Task/${request}` }],
  });
  if (requestedBy(task).startsWith("patient:")) return;
  await raiseOnce(work, letter, {
    reason: "privacy-letter",
    authoredOn: now,
    patientId: patient,
    focus: `Task/${request}`,
    input: [{ name: "letter", text }],
    security,
  });
};
