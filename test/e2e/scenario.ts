import type {
  Appointment,
  CarePlan,
  Communication,
  Consent,
  Patient,
  Task,
} from "@medplum/fhirtypes";
import { appointmentOfPlan } from "../../functions/core/journey.ts";
import { deliveries, repeatingSooner } from "./deliveries.ts";
import type { Message } from "../../local/handset/carrier.ts";
import { until } from "../../local/until.ts";
import { answerOf, book, type Booked, freeTimes } from "../../local/visits.ts";
import { whenTexted } from "../../local/when-texted.ts";
import type { ExecutionDescription } from "../../simulator/engine.ts";
import { canary } from "./canary.ts";
import { theWorld, type World } from "./world.ts";

type Person = Patient & { readonly id: string };

interface Setting {
  readonly world: World;
  readonly person: Person;
  readonly phone: string;
  readonly appointment: Booked;
}

interface Script {
  /** What the world does to the messages of this person, before the first is sent. */
  readonly before?: (setting: Omit<Setting, "appointment">) => void;
  /** Which text makes the person act. */
  readonly at?: number;
  readonly act?: (setting: Setting) => Promise<void>;
  /** At a time of nobody else's visit: what they are due is not due at once with others'. */
  readonly alone?: true;
}

/** A clinic's afternoon: wherever its patients live, two hours before is a time to be texted. */
const between = [13, 17] as const;

const replies = (
  text: string,
  effect: (setting: Setting) => Promise<boolean>,
): NonNullable<Script["act"]> => {
  return async (setting) => {
    await setting.world.handset.reply({ from: setting.phone, text, copies: 2 });
    await until(`the reply ${text} to take effect`, async () =>
      (await effect(setting)) ? true : undefined,
    );
  };
};

/** With what the reply effects and the clinic's word for it. */
const isAnswered = (
  effect: (setting: Setting) => Promise<boolean>,
): typeof effect => {
  return async (setting) => {
    const { world, phone } = setting;
    const last = world.handset.carrier
      .messages()
      .findLast(({ address }) => address === phone);
    return last?.direction === "to-patient" && (await effect(setting));
  };
};

const current = ({ world, appointment }: Setting) =>
  world.fhir.expect<Appointment>({ path: `Appointment/${appointment.id}` });
const tasksOf = ({ world, person }: Setting) =>
  world.fhir.search<Task>("Task", { patient: `Patient/${person.id}` });
const executionsOf = ({ world, appointment }: Setting) =>
  world.engine
    .executions(world.machine)
    .filter(({ input }) => input.includes(appointment.id));
const ended = (setting: Setting) =>
  until("the journey to be stopped", () =>
    executionsOf(setting).some(({ status }) => status === "ABORTED")
      ? true
      : undefined,
  );

const scripts = {
  confirms: {
    at: 3,
    act: replies(
      "C",
      isAnswered(
        async (setting) => answerOf(await current(setting)) === "accepted",
      ),
    ),
  },
  cancels: {
    at: 2,
    act: async (setting) => {
      await replies(
        "x",
        isAnswered(async () => (await current(setting)).status === "cancelled"),
      )(setting);
      await ended(setting);
    },
  },
  "stays silent": {},
  "asks for another time": {
    at: 2,
    act: replies(
      "R",
      isAnswered(async (setting) => (await tasksOf(setting)).length > 0),
    ),
  },
  "asks a question": {
    at: 2,
    act: replies(
      "May I bring my dog?",
      async (setting) => (await tasksOf(setting)).length > 0,
    ),
  },
  "opts out": {
    at: 1,
    act: replies(
      "STOP",
      async ({ world, person }) =>
        (
          await world.fhir.search<Consent>("Consent", {
            patient: `Patient/${person.id}`,
          })
        ).length > 0,
    ),
  },
  moves: {
    at: 2,
    act: async (setting) => {
      const { world, appointment } = setting;
      const later = (
        await freeTimes(world.fhir, {
          from: Date.parse(appointment.start) + 20 * 3_600_000,
          between,
        })
      )[3];
      const parameter = later?.slot?.map(({ reference = "" }) => ({
        name: "slot",
        valueReference: { reference },
      }));
      await world.fhir.expect({
        method: "POST",
        path: `Appointment/${appointment.id}/$reschedule`,
        body: { resourceType: "Parameters", parameter },
      });
      await ended(setting);
      await until("the journey to the new time to start", () =>
        executionsOf(setting).length > 1 ? true : undefined,
      );
    },
  },
  dies: {
    at: 2,
    act: async (setting) => {
      const { world, person } = setting;
      const { meta: _, ...patient } = await world.fhir.expect<Person>({
        path: `Patient/${person.id}`,
      });
      await world.fhir.expect({
        method: "PUT",
        path: `Patient/${person.id}`,
        body: { ...patient, deceasedBoolean: true },
      });
      await ended(setting);
    },
  },
  "has receipts out of order": {
    before: ({ world, phone }) =>
      world.handset.carrier.behave({
        address: phone,
        answer: "accepted",
        receipts: ["TEXT_DELIVERED", "TEXT_SUCCESSFUL", "TEXT_UNREACHABLE"],
        delay: 300,
        copies: 2,
      }),
  },
  "cannot be reached": {
    before: ({ world, phone }) =>
      world.handset.carrier.behave({
        address: phone,
        answer: "accepted",
        receipts: ["TEXT_UNREACHABLE"],
        delay: 300,
        copies: 2,
      }),
  },
  "is throttled once": {
    before: ({ world, phone }) =>
      world.handset.carrier.behave({
        address: phone,
        answer: "throttled",
        delay: 0,
        copies: 1,
        times: 1,
      }),
  },
  "gets a text whose sender hears no answer": {
    before: ({ world, phone }) =>
      world.handset.carrier.behave({
        address: phone,
        answer: "lost",
        delay: 300,
        copies: 1,
        times: 1,
      }),
  },
  "lives through a restart": {
    at: 2,
    alone: true,
    act: async ({ world }) => {
      const restarted = await world.engine.restart(world.machine);
      console.log(`  engine restarted with ${restarted} open journeys`);
    },
  },
  canary: {
    at: 2,
    act: replies(
      canary.reply,
      async (setting) => (await tasksOf(setting)).length > 0,
    ),
  },
} as const satisfies Record<string, Script>;

export type RoleName = keyof typeof scripts;

export interface Played {
  readonly person: Person;
  readonly booked: Booked;
  readonly appointment: Appointment;
  readonly communications: readonly Communication[];
  readonly tasks: readonly Task[];
  readonly plans: readonly CarePlan[];
  readonly consents: readonly Consent[];
  readonly executions: readonly ExecutionDescription[];
  /** What arrived at any of the person's addresses, and left their phone. */
  readonly messages: readonly Message[];
}

let scenario: Promise<ReadonlyMap<RoleName, Played>> | undefined;

/** Everybody's visit, four days ahead, and the days that pass until then; played once for all test files. */
export const played = (): Promise<ReadonlyMap<RoleName, Played>> =>
  (scenario ??= theWorld().then((world) =>
    repeatingSooner(world, () => play(world)),
  ));

const play = async (world: World): Promise<ReadonlyMap<RoleName, Played>> => {
  const { fhir, handset, clock, engine, machine } = world;
  const names = Object.keys(scripts) as RoleName[];
  const cast = await people(world, names);
  const times = await freeTimes(fhir, {
    from: clock.now() + 4 * 86_400_000,
    between,
  });
  const visits = seats(names, times);
  const settings: (Setting & { name: RoleName; done: () => Promise<void> })[] =
    [];
  for (const [index, name] of names.entries()) {
    const script: Script = scripts[name];
    const { person, phone } = cast[index] ?? {};
    const time = visits[index];
    if (!person || phone === undefined || !time)
      throw new Error("the clinic is too small");
    script.before?.({ world, person, phone });
    const appointment = await book(fhir, time, person);
    const setting = { world, person, phone, appointment };
    const { at, act } = script;
    const acting =
      at === undefined || !act
        ? undefined
        : whenTexted(world, { phone, patientId: person.id, nth: at }, () =>
            act(setting),
          );
    settings.push({
      ...setting,
      name,
      done: () => acting?.done() ?? Promise.resolve(),
    });
  }
  const own = ({ input }: ExecutionDescription) =>
    settings.some(({ appointment }) => input.includes(appointment.id));
  await until(
    "all journeys to start",
    () =>
      engine.executions(machine).filter(own).length >= names.length
        ? true
        : undefined,
    { seconds: 600 },
  );
  await world.whileDaysPass(() =>
    until(
      "all journeys to end",
      () =>
        engine
          .executions(machine)
          .filter(own)
          .every(({ status }) => status !== "RUNNING")
          ? true
          : undefined,
      { seconds: 900, everyMs: 500 },
    ),
  );
  for (const { name, done } of settings)
    await done().catch((error: unknown) => {
      throw new Error(`${name}: ${String(error)}`);
    });
  await deliveries(world);

  const results = settings.map(
    async ({
      name,
      person,
      appointment: booked,
    }): Promise<[RoleName, Played]> => {
      const patient = `Patient/${person.id}`;
      const addresses = new Set(person.telecom?.map(({ value }) => value));
      return [
        name,
        {
          person,
          booked,
          appointment: await fhir.expect<Appointment>({
            path: `Appointment/${booked.id}`,
          }),
          communications: await fhir.search<Communication>("Communication", {
            patient,
          }),
          tasks: await fhir.search<Task>("Task", { patient }),
          plans: (await fhir.search<CarePlan>("CarePlan", { patient })).filter(
            (plan) => appointmentOfPlan(plan) === booked.id,
          ),
          consents: await fhir.search<Consent>("Consent", { patient }),
          executions: engine
            .executions(machine)
            .filter(({ input }) => input.includes(booked.id)),
          messages: handset.carrier
            .messages()
            .filter(({ address }) => addresses.has(address)),
        },
      ];
    },
  );
  return new Map(await Promise.all(results));
};

/** A time for each, the soonest first. */
const seats = (
  names: readonly RoleName[],
  times: readonly Appointment[],
): readonly (Appointment | undefined)[] => {
  const isAlone = (name: RoleName) => (scripts[name] as Script).alone === true;
  const together = times.slice(
    0,
    names.filter((name) => !isAlone(name)).length,
  );
  const taken = new Set(together.map(({ start }) => Date.parse(start ?? "")));
  const apart = times.filter(({ start = "" }) => !taken.has(Date.parse(start)));
  const [first, second] = [together.values(), apart.values()];
  return names.map((name) => (isAlone(name) ? second : first).next().value);
};

/** People with a phone of their own and a mailbox; the canary is made for the purpose. */
const people = async (
  { patients, fhir }: World,
  names: readonly RoleName[],
) => {
  const numbers = patients.flatMap(({ telecom = [] }) =>
    telecom.flatMap(({ system, value }) =>
      system === "phone" ? (value ?? "") : [],
    ),
  );
  const reachable = patients.flatMap((person) => {
    const phone =
      person.telecom?.find(({ system }) => system === "phone")?.value ?? "";
    const mailbox = person.telecom?.some(({ system }) => system === "email");
    return phone !== "" &&
      mailbox === true &&
      numbers.filter((number) => number === phone).length === 1
      ? [{ person, phone }]
      : [];
  });
  const bird = await fhir.expect<Person>({
    method: "POST",
    path: "Patient",
    body: canary.patient,
  });
  return names.map((name, index) =>
    name === "canary"
      ? { person: bird, phone: canary.phone }
      : reachable[reachable.length - 1 - index],
  );
};
