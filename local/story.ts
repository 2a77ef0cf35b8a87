import type {
  Appointment,
  Communication,
  Patient,
  Task,
} from "@medplum/fhirtypes";
import type { ExecutionDescription } from "../simulator/engine.ts";
import type { System } from "./system.ts";
import { until } from "./until.ts";
import { whenTexted } from "./when-texted.ts";
import { answerOf, book, type Booked, freeTimes } from "./visits.ts";

export type Role = "confirms" | "cancels" | "stays silent";

/** Somebody whose visit is booked and whose journey is watched. */
export interface Traveller {
  readonly role: Role;
  readonly patient: Patient & { readonly id: string };
  readonly phone: string;
}

export interface Travelled extends Traveller {
  readonly appointment: Appointment;
  readonly communications: readonly Communication[];
  readonly tasks: readonly Task[];
  readonly execution: ExecutionDescription;
}

/** The text that the patient answers, counted from the first: the confirmation is 1. */
const answers = {
  confirms: { text: "C", nth: 3 },
  cancels: { text: "X", nth: 2 },
} as const;

const daysAhead = 4;

/** Three patients with a phone, among them one who reads Spanish. */
export const travellers = (
  patients: readonly (Patient & { id: string })[],
): readonly Traveller[] => {
  const reachable = patients.flatMap((patient) => {
    const phone = patient.telecom?.find(
      ({ system }) => system === "phone",
    )?.value;
    const language = patient.communication?.[0]?.language.coding?.[0]?.code;
    return phone === undefined ? [] : [{ patient, phone, language }];
  });
  const [first, second] = reachable.filter(({ language }) => language === "en");
  const third = reachable.find(({ language }) => language === "es");
  const roles: readonly Role[] = ["confirms", "cancels", "stays silent"];
  return [first, second, third].flatMap((one, index) => {
    const role = roles[index];
    return one && role
      ? [{ role, patient: one.patient, phone: one.phone }]
      : [];
  });
};

/**
 * Books a visit for each through the public API and lets the days pass: one confirms on the handset, one cancels, one says
 * nothing. Returns what the API and the journeys' engine then know.
 */
export const playVisits = async (
  system: System,
  machine: string,
  people: readonly Traveller[],
  note: (text: string) => void = () => undefined,
): Promise<readonly Travelled[]> => {
  const { fhir, handset, clock, engine } = system;
  const times = await freeTimes(fhir, {
    from: clock.now() + daysAhead * 86_400_000,
    between: [11, 16],
  });
  const appointments: Booked[] = [];
  for (const [index, { patient }] of people.entries()) {
    const time = times[index * 2];
    if (!time) throw new Error("the clinic has no free time that far ahead");
    appointments.push(await book(fhir, time, patient));
  }
  const replies = people.flatMap(({ role, phone, patient }, index) => {
    const { id = "" } = appointments[index] ?? {};
    if (role === "stays silent") return [];
    const { text, nth } = answers[role];
    const act = async () => {
      await handset.reply({ from: phone, text });
      await until("the answer to reach the appointment", async () => {
        const now = await fhir.expect<Appointment>({
          path: `Appointment/${id}`,
        });
        return now.status === "cancelled" || answerOf(now) === "accepted"
          ? true
          : undefined;
      });
    };
    return [whenTexted(system, { phone, patientId: patient.id, nth }, act)];
  });
  await until("the journeys to start", () =>
    engine.executions(machine).length >= people.length ? true : undefined,
  );
  await until(
    "the journeys to end",
    () => {
      note(`journey time ${new Date(clock.now()).toUTCString().slice(5, 22)}`);
      return engine
        .executions(machine)
        .every(({ status }) => status !== "RUNNING")
        ? true
        : undefined;
    },
    { seconds: 300 },
  );
  await Promise.all(replies.map(({ done }) => done()));

  return Promise.all(
    people.map(async (person, index) => {
      const appointment = await fhir.expect<Appointment>({
        path: `Appointment/${appointments[index]?.id ?? ""}`,
      });
      const execution = engine
        .executions(machine)
        .find(({ input }) => input.includes(appointment.id ?? ""));
      if (!execution) throw new Error("a visit has no journey");
      const patient = `Patient/${person.patient.id}`;
      const [communications, tasks] = await Promise.all([
        fhir.search<Communication>("Communication", { patient }),
        fhir.search<Task>("Task", { patient }),
      ]);
      return { ...person, appointment, communications, tasks, execution };
    }),
  );
};
