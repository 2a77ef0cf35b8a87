import type { Appointment, CodeableConcept } from "@medplum/fhirtypes";
import type { Context } from "../../core/caller.ts";
import { Fault } from "../../core/fault.ts";
import { parseJson } from "../../runtime/json.ts";
import type { Deps } from "../../runtime/dependencies.ts";
import type { Reply, Request } from "../../runtime/http.ts";
import {
  bookAppointment,
  cancelAppointment,
  rescheduleAppointment,
} from "../../store/booking.ts";
import { answerWith, forOperation, versionFrom } from "./exchange.ts";
import { parametersIn, type OperationParameter } from "./parameters.ts";

type BookingDeps = Pick<Deps, "records" | "now">;

/** `$book`: a Parameters with `appointment`, or the Appointment itself. A patient books for themselves. */
export const book = async (
  { records, now }: BookingDeps,
  request: Request,
  base: string,
): Promise<Reply> => {
  const wish = appointmentFrom(input(request.text));
  const appointment = await records.change(
    forOperation(request.context, "booking"),
    (work) => bookAppointment(work, forCaller(wish, request.context), now()),
  );
  return answerWith(201, appointment, {
    base,
    prefer: request.header("prefer"),
    located: true,
  });
};

/** `$cancel`: optionally a Parameters with `reason` (CodeableConcept). */
export const cancel = async (
  { records }: BookingDeps,
  request: Request,
  base: string,
): Promise<Reply> => {
  const given = request.text === "" ? undefined : input(request.text);
  const reason = parameters(given, ["reason"]).at(-1)?.value as
    CodeableConcept | undefined;
  const id = request.params.id ?? "";
  const appointment = await records.change(
    forOperation(request.context, "booking"),
    (work) =>
      cancelAppointment(
        work,
        id,
        reason,
        versionFrom(request.header("if-match")),
      ),
  );
  return answerWith(200, appointment, {
    base,
    prefer: request.header("prefer"),
  });
};

/** `$reschedule`: a Parameters with one or more `slot` (Reference). */
export const reschedule = async (
  { records, now }: BookingDeps,
  request: Request,
  base: string,
): Promise<Reply> => {
  const given = input(request.text);
  const slots: unknown = parameters(given, ["slot"]).map(({ value }) => value);
  if (!isReferences(slots))
    throw new Fault("InvalidRequest", 400, "$reschedule needs slots.", {
      code: "required",
      expression: ["Parameters.parameter"],
    });
  const id = request.params.id ?? "";
  const appointment = await records.change(
    forOperation(request.context, "booking"),
    (work) =>
      rescheduleAppointment(
        work,
        id,
        slots,
        now(),
        versionFrom(request.header("if-match")),
      ),
  );
  return answerWith(200, appointment, {
    base,
    prefer: request.header("prefer"),
  });
};

const input = (text: string): unknown => {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Fault(
      "InvalidRequest",
      400,
      "The body must be a Parameters resource.",
      { code: "structure" },
    );
  return value;
};

/** The parameters, which may have these names only. Throws 400. */
const parameters = (
  value: unknown,
  names: readonly string[],
): readonly OperationParameter[] => {
  if (value === undefined) return [];
  const given = parametersIn(value);
  if (given.some(({ name }) => !names.includes(name)))
    throw new Fault(
      "InvalidRequest",
      400,
      `The parameters are ${names.join(", ")}.`,
      { code: "not-supported", expression: ["Parameters.parameter.name"] },
    );
  return given;
};

const appointmentFrom = (value: unknown): Appointment => {
  const resource = (
    (value as { resourceType?: string }).resourceType === "Appointment"
      ? value
      : parameters(value, ["appointment"]).at(-1)?.value
  ) as Partial<Appointment> | undefined;
  if (resource?.resourceType !== "Appointment")
    throw new Fault(
      "InvalidRequest",
      400,
      "$book needs the Appointment to book.",
      { code: "required", expression: ["Parameters.parameter"] },
    );
  const { slot, participant = [] } = resource;
  if (!isReferences(slot))
    throw new Fault(
      "InvalidRequest",
      400,
      "The Appointment needs the slots to book.",
      { code: "required", expression: ["Appointment.slot"] },
    );
  if (!Array.isArray(participant) || !participant.every(isParticipant))
    throw new Fault(
      "InvalidRequest",
      400,
      "Appointment.participant is a list of participants.",
      { code: "structure", expression: ["Appointment.participant"] },
    );
  return { ...resource, participant } as Appointment;
};

const isReferences = (
  value: unknown,
): value is NonNullable<Appointment["slot"]> =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((one) => referenceIn(one) !== undefined);

const isParticipant = (value: unknown): boolean => {
  if (typeof value !== "object" || value === null) return false;
  const { actor } = value as { actor?: unknown };
  return (
    actor === undefined ||
    (typeof actor === "object" && actor !== null && !("reference" in actor)) ||
    referenceIn(actor) !== undefined
  );
};

const referenceIn = (value: unknown): string | undefined => {
  const { reference } = (value ?? {}) as { reference?: unknown };
  return typeof reference === "string" ? reference : undefined;
};

/**
 * A patient who does not say for whom books for themselves; for anybody else permission decides. Who gives the care is
 * the schedule's to say: a patient takes nobody else's time, and brings nobody of another record. Throws Forbidden (403).
 */
const forCaller = (wish: Appointment, { by }: Context): Appointment => {
  if (by.kind !== "patient") return wish;
  const participant = wish.participant.filter(({ actor }) =>
    /^(Patient|RelatedPerson)\//.test(actor?.reference ?? ""),
  );
  const self = {
    actor: { reference: `Patient/${by.id}` },
    status: "needs-action" as const,
  };
  const owners = new Set(
    participant.map(({ actor }) => ownerOf(actor?.reference ?? "")),
  );
  if (owners.size > 1)
    throw new Fault("Forbidden", 403, "Not permitted (patient-own-record).", {
      expression: ["Appointment.participant"],
      policy: "patient-own-record",
    });
  return {
    ...wish,
    participant: participant.some(({ actor }) =>
      actor?.reference?.startsWith("Patient/"),
    )
      ? participant
      : [self, ...participant],
  };
};

/** A related person's id begins with the patient's. */
const ownerOf = (reference: string): string =>
  (reference.split("/")[1] ?? "").slice(0, 26);
