import { readFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { stepsBefore } from "../functions/core/reminders.ts";
import { bookAppointment } from "../functions/store/booking.ts";
import { demo } from "../organizations/demo.ts";
import { virtualClock } from "../simulator/clock.ts";
import { createEngine } from "../simulator/engine.ts";
import { clinic, type Clinic } from "../simulator/pre-visit-clinic.ts";
import {
  bookingTime,
  invented,
  visitTime,
} from "../simulator/pre-visit-scenarios.ts";
import { answerWith, type Options } from "./child.ts";
import { progress } from "./progress.ts";
import type { JourneysResult } from "./results.ts";
import { shares } from "./shares.ts";
import { median } from "./statistics.ts";

const runs = 5;

/** Patients who book and stay silent: every message and the call task of the pre-visit journey, on a clock that jumps. */
const measureJourneys = async ({ quick }: Options): Promise<JourneysResult> => {
  const journeys = quick ? 10 : 200;
  const tell = progress("journeys", runs + 2);
  const rates: { whole: Rate; engine: Rate }[] = [];
  let commits = 0;
  for (let run = 0; run <= runs; run += 1) {
    const stage = await booked(journeys);
    const whole = await rateOf(journeys, stage.play);
    ({ commits } = stage.count());
    const engine = await rateOf(journeys, alone(journeys).play);
    // The first run warms up.
    if (run > 0) rates.push({ whole, engine });
    tell(run + 1);
  }
  const profiled = await booked(journeys);
  const where = await sharesOf(profiled.play);
  tell(runs + 2);
  const { play, transitions } = alone(1);
  await play();
  const middle = (side: "whole" | "engine", by: keyof Rate): number =>
    median(rates.map((rate) => rate[side][by]));
  return {
    journeys,
    whole: middle("whole", "wall"),
    engine: middle("engine", "wall"),
    processor: {
      whole: middle("whole", "processor"),
      engine: middle("engine", "processor"),
    },
    commits: commits / journeys,
    transitions: transitions(),
    where,
  };
};

/** Journeys in a second of the wall clock, and in one of processor time. */
interface Rate {
  readonly wall: number;
  readonly processor: number;
}

const rateOf = async (
  journeys: number,
  play: () => Promise<unknown>,
): Promise<Rate> => {
  const [started, used] = [performance.now(), process.cpuUsage()];
  await play();
  const { user, system } = process.cpuUsage(used);
  return {
    wall: (journeys * 1000) / (performance.now() - started),
    processor: (journeys * 1_000_000) / (user + system),
  };
};

interface Stage {
  /** From the booking to the end of the last journey. */
  readonly play: () => Promise<void>;
  readonly count: () => { readonly commits: number };
}

/** A clinic whose patients are about to book. */
const booked = async (journeys: number): Promise<Stage> => {
  const stage = await clinic({ start: bookingTime });
  const wishes: { patient: string; slot: string }[] = [];
  for (let number = 0; number < journeys; number += 1) {
    const { id: patient } = await stage.admit(invented);
    const { id: slot } = await slotOf(stage, number);
    wishes.push({ patient, slot });
  }
  const before = stage.events.length;
  const play = async (): Promise<void> => {
    for (const { patient, slot } of wishes)
      await stage.act((work) =>
        bookAppointment(
          work,
          {
            resourceType: "Appointment",
            status: "booked",
            slot: [{ reference: `Slot/${slot}` }],
            participant: [
              {
                actor: { reference: `Patient/${patient}` },
                status: "needs-action",
              },
            ],
          },
          new Date(stage.clock.now()),
        ),
      );
    await stage.end();
  };
  return {
    play,
    count: () => ({
      commits: new Set(
        stage.events.slice(before).map(({ detail }) => detail.fact),
      ).size,
    }),
  };
};

const slotOf = (stage: Clinic, number: number) => {
  const twentyMinutes = 1_200_000;
  const start = Date.parse(visitTime) + number * twentyMinutes;
  return stage.act((work) =>
    work.create({
      resourceType: "Slot",
      schedule: { reference: `Schedule/${stage.places.schedule.id}` },
      status: "free",
      start: new Date(start).toISOString(),
      end: new Date(start + twentyMinutes).toISOString(),
    }),
  );
};

/** The same workflow, tasks that answer at once. */
const alone = (journeys: number) => {
  const answers: Readonly<Record<string, unknown>> = {
    PlanReminders: {
      start: visitTime,
      steps: stepsBefore(visitTime, bookingTime, demo.settings.preVisit),
    },
    SendMessage: { outcome: "sent" },
    ReadAnswer: { answer: "none" },
    RaiseTask: {},
    ClosePlan: {},
  };
  const engine = createEngine({
    clock: virtualClock(Date.parse(bookingTime)),
    random: () => 0.5,
    invoke: ({ functionArn }) =>
      Promise.resolve(answers[functionArn.split(":").at(-1) ?? ""]),
  });
  const arn = "arn:aws:states:us-east-1:000000000000:stateMachine:pre-visit";
  engine.deploy({
    arn,
    name: "pre-visit",
    definition: readFileSync(
      new URL("../workflows/pre-visit.asl.json", import.meta.url),
      "utf8",
    ).replaceAll(
      /\$\{(\w+)\}/g,
      "arn:aws:lambda:us-east-1:000000000000:function:$1",
    ),
  });
  let last = "";
  return {
    play: async (): Promise<void> => {
      for (let number = 0; number < journeys; number += 1)
        last = engine.startExecution({
          stateMachineArn: arn,
          name: `journey-${number}`,
          input: JSON.stringify({ patient: "p", appointment: "a" }),
        }).executionArn;
      await engine.settled();
      const { status } = engine.describeExecution({ executionArn: last });
      if (status !== "SUCCEEDED")
        throw new Error(`the journey ended ${status}`);
    },
    transitions: (): number =>
      engine
        .getExecutionHistory({ executionArn: last })
        .events.filter(({ type }) => type.endsWith("StateEntered")).length,
  };
};

const sharesOf = async (play: () => Promise<void>) => {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.start");
  await play();
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  return shares(profile);
};

answerWith(measureJourneys);
