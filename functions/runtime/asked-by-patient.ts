import type { Work } from "../store/records.ts";

/** Whether `<kind>:<id>` is the patient, under any record of the same person, or staff for the patient; not somebody who acts for the patient. */
export const isByPatient = async (
  work: Pick<Work, "samePerson">,
  patient: string,
  by: string,
): Promise<boolean> => {
  const [kind = "", id = ""] = by.split(":");
  return kind !== "patient" || (await work.samePerson(patient)).includes(id);
};
