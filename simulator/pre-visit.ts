import { parseArgs } from "node:util";
import { zoneOf } from "../functions/core/zone.ts";
import { clinic } from "./pre-visit-clinic.ts";
import {
  bookingTime,
  invented,
  scenarios,
  visitTime,
} from "./pre-visit-scenarios.ts";
import { timeline } from "./pre-visit-timeline.ts";

/**
 * `npm run simulate -- pre-visit [--patient silent]`: takes invented patients through the pre-visit journey, the deployed
 * workflow and task code on a clock that jumps, and answers their timelines in the patient's time.
 */
export const simulatePreVisit = async (
  args: readonly string[],
): Promise<string> => {
  const { values } = parseArgs({
    args: [...args],
    options: { patient: { type: "string" } },
  });
  const wanted =
    values.patient === undefined ? Object.keys(scenarios) : [values.patient];
  const told: string[] = [];
  for (const name of wanted) told.push(await play(name));
  return told.join("\n\n");
};

const play = async (name: string): Promise<string> => {
  const scenario = scenarios[name];
  if (scenario === undefined)
    throw new Error(
      `no such patient; there are ${Object.keys(scenarios).join(", ")}`,
    );
  const stage = await clinic({ start: bookingTime, ...scenario.clinic });
  const patient = await stage.admit({ ...invented, ...scenario.patient });
  const appointment = await stage.book(patient.id, visitTime);
  await scenario.plot?.(stage, {
    patient: patient.id,
    appointment: appointment.id,
  });
  await stage.end();
  const zone = zoneOf(
    patient,
    stage.places.location,
    stage.organization.timeZone,
  );
  return [
    `${name}: a patient who ${scenario.about} (times in ${zone})`,
    ...(await timeline(stage, patient.id, zone)),
  ].join("\n");
};
