import type { KnownType } from "../../resources/declaration.ts";

/** What makes a search of a type across patients possible, in words. */
export const waysInto = (type: KnownType): readonly string[] => {
  if (type === "Patient")
    return [
      "_id",
      "identifier",
      "phone",
      "email",
      "telecom",
      "name, family or given (3 letters or more)",
      "birthdate with family:exact",
      "_has with what can be found across patients",
    ];
  if (type === "Slot") return ["_id", "identifier", "schedule"];
  return [
    "_id",
    "patient",
    "a chain to the patient, such as patient.identifier",
    "identifier",
    ...(type === "Appointment"
      ? ["practitioner, location or actor with at most 31 days as date"]
      : []),
    ...(type === "Task" ? ["owner", "performer"] : []),
    ...(type === "Provenance" ? ["target"] : []),
  ];
};
