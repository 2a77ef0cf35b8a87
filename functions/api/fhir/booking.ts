import type {
  Appointment,
  CodeableConcept,
  Parameters,
  Reference,
} from "@medplum/fhirtypes";
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
import { answerWith, versionFrom } from "./exchange.ts";
import { forOperation } from "./writing.ts";

type BookingDeps = Pick<Deps, "records" | "now">;

/** `$book`: a Parameters with `appointment`, or the Appointment itself. A patient books for themselves. */
export const book = async (
  { records, now }: BookingDeps,
  request: Request,
  base: string,
): Promise<Reply> => {
  const wish = forCaller(appointmentFrom(input(request.text)), request.context);
  const appointment = await records.change(
    forOperation(request.context, "booking"),
    (work) => bookAppointment(work, wish, now()),
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
  const reason = parameters(given, ["reason"]).get("reason") as
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
  parameters(given, ["slot"]);
  const slots =
    (given as Parameters).parameter?.flatMap(({ name, valueReference }) =>
      name === "slot" && valueReference !== undefined
        ? [valueReference as NonNullable<Appointment["slot"]>[number]]
        : [],
    ) ?? [];
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

/** The named parameters, each once. Throws 400 for others. */
const parameters = (
  value: unknown,
  names: readonly string[],
): ReadonlyMap<string, unknown> => {
  if (value === undefined) return new Map();
  const { resourceType, parameter = [] } = value as {
    resourceType?: unknown;
    parameter?: unknown;
  };
  if (resourceType !== "Parameters" || !Array.isArray(parameter))
    throw new Fault(
      "InvalidRequest",
      400,
      "The body must be a Parameters resource.",
      { expression: ["resourceType"] },
    );
  return new Map(
    parameter.map((one: Record<string, unknown> | null) => {
      const name = String(one?.name);
      if (!names.includes(name))
        throw new Fault(
          "InvalidRequest",
          400,
          `The parameters are ${names.join(", ")}.`,
          { code: "not-supported", expression: ["Parameters.parameter.name"] },
        );
      const [, content] =
        Object.entries(one ?? {}).find(
          ([key]) => key.startsWith("value") || key === "resource",
        ) ?? [];
      return [name, content];
    }),
  );
};

const appointmentFrom = (value: unknown): Appointment => {
  const resource = (
    (value as { resourceType?: string }).resourceType === "Appointment"
      ? value
      : parameters(value, ["appointment"]).get("appointment")
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
  if (
    !Array.isArray(participant) ||
    participant.some((one) => typeof one !== "object")
  )
    throw new Fault(
      "InvalidRequest",
      400,
      "Appointment.participant is a list.",
      { code: "structure", expression: ["Appointment.participant"] },
    );
  return { ...resource, participant } as Appointment;
};

const isReferences = (value: unknown): value is readonly Reference[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every(
    (one) => typeof (one as Reference | null)?.reference === "string",
  );

/** Whom a patient wants to see is the slot's to say: of the wish only the patient stays, the caller unless it names one. */
const forCaller = (wish: Appointment, { by }: Context): Appointment => {
  if (by.kind !== "patient") return wish;
  const patients = wish.participant.filter(
    ({ actor }) => actor?.reference?.startsWith("Patient/") === true,
  );
  return {
    ...wish,
    participant:
      patients.length > 0
        ? patients
        : [
            {
              actor: { reference: `Patient/${by.id}` },
              status: "needs-action",
            },
          ],
  };
};
