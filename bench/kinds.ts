import type { Appointment, Communication, Resource } from "@medplum/fhirtypes";
import type { HttpEvent } from "../functions/runtime/http.ts";
import type { requestsWith } from "./front-desk.ts";
import { inventedPatient, mrn } from "./people.ts";

/** A kind of request that is measured; `seen` hands on what later ones need of its answer. */
export interface Kind {
  readonly name: string;
  readonly status: number;
  readonly request: (round: number) => HttpEvent;
  readonly seen?: (id: string) => void;
}

const patientsKept = 20;
const messagesKept = 50;

/** Fills a small clinic through the API, and says which requests are measured on it. */
export const kindsOf = async (
  request: ReturnType<typeof requestsWith>,
  create: (event: HttpEvent) => Promise<string>,
): Promise<readonly Kind[]> => {
  const created = (resource: Resource): Promise<string> =>
    create(request("POST", `/${resource.resourceType}`, resource));
  const patients: string[] = [];
  for (let number = 0; number < patientsKept; number += 1)
    patients.push(await created(inventedPatient(number)));
  const patient = (round: number): string =>
    patients[round % patientsKept] ?? "";
  const correspondent = patient(0);
  for (let number = 0; number < messagesKept; number += 1)
    await created(message(correspondent, number));
  const { slots, actors } = await calendar(created);

  let last = "";
  /** As `$find` proposes it. */
  const book = (round: number): Appointment => ({
    resourceType: "Appointment",
    status: "proposed",
    slot: [{ reference: `Slot/${slots[round % slots.length] ?? ""}` }],
    participant: [`Patient/${patient(round)}`, ...actors].map((reference) => ({
      actor: { reference },
      status: "needs-action" as const,
    })),
  });
  return [
    {
      name: "GET Patient/{id}",
      status: 200,
      request: (round) => request("GET", `/Patient/${patient(round)}`),
    },
    {
      name: "POST Patient",
      status: 201,
      request: (round) =>
        request("POST", "/Patient", inventedPatient(patientsKept + round)),
    },
    {
      name: "PUT Patient/{id}",
      status: 200,
      request: (round) =>
        request("PUT", `/Patient/${patient(round)}`, {
          ...inventedPatient(round % patientsKept),
          id: patient(round),
          maritalStatus: { text: `told on day ${round}` },
        }),
    },
    {
      name: "Appointment/$book",
      status: 201,
      request: (round) => request("POST", "/Appointment/$book", book(round)),
      seen: (id) => (last = id),
    },
    {
      name: "Appointment/{id}/$cancel",
      status: 200,
      request: () => request("POST", `/Appointment/${last}/$cancel`),
    },
    {
      name: "Patient by identifier",
      status: 200,
      request: (round) =>
        request(
          "POST",
          "/Patient/_search",
          `identifier=${encodeURIComponent(`${mrn}|MRN-${String(round % patientsKept).padStart(4, "0")}`)}`,
          "application/x-www-form-urlencoded",
        ),
    },
    {
      name: `${messagesKept} Communications of a patient`,
      status: 200,
      request: () =>
        request(
          "POST",
          "/Communication/_search",
          `patient=${correspondent}&_count=${messagesKept}`,
          "application/x-www-form-urlencoded",
        ),
    },
  ];
};

const message = (patient: string, number: number): Communication => ({
  resourceType: "Communication",
  status: "completed",
  category: [{ text: "reminder" }],
  subject: { reference: `Patient/${patient}` },
  recipient: [{ reference: `Patient/${patient}` }],
  sent: new Date(Date.UTC(2026, 0, 1, number)).toISOString(),
  payload: [
    {
      contentString: `Reminder ${number}: you have a visit tomorrow. Reply C to confirm, X to cancel, R for another time.`,
    },
  ],
});

interface Calendar {
  readonly slots: readonly string[];
  readonly actors: readonly string[];
}

/** Free half hours of a practitioner at a site, a week from now. */
const calendar = async (
  created: (resource: Resource) => Promise<string>,
): Promise<Calendar> => {
  const actor = [
    await created({
      resourceType: "Practitioner",
      name: [{ family: "Okafor", given: ["Ada"] }],
    }),
    await created({
      resourceType: "Location",
      status: "active",
      name: "Riverside Clinic",
    }),
    await created({ resourceType: "HealthcareService", name: "Blood test" }),
  ].map((id, index) => ({
    reference: `${["Practitioner", "Location", "HealthcareService"][index] ?? ""}/${id}`,
  }));
  const schedule = await created({
    resourceType: "Schedule",
    active: true,
    actor,
  });
  const slots: string[] = [];
  const halfHour = 1_800_000;
  const from = (Math.floor(Date.now() / halfHour) + 7 * 48) * halfHour;
  for (let number = 0; number < patientsKept; number += 1)
    slots.push(
      await created({
        resourceType: "Slot",
        status: "free",
        schedule: { reference: `Schedule/${schedule}` },
        start: new Date(from + number * halfHour).toISOString(),
        end: new Date(from + (number + 1) * halfHour).toISOString(),
      }),
    );
  return { slots, actors: actor.map(({ reference }) => reference) };
};
