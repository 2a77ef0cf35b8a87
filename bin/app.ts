import { sojourn } from "../lib/app.ts";
import { readJourneys } from "../lib/journeys.ts";
import { readOrganizations } from "../lib/organizations.ts";

sojourn({
  organizations: await readOrganizations(),
  journeys: await readJourneys(),
  nag: true,
}).synth();
