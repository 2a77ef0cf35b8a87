import { beforeAll } from "vitest";
import { alarms } from "./rules/alarms.ts";
import { edge } from "./rules/edge.ts";
import { encryption } from "./rules/encryption.ts";
import { environment } from "./rules/environment.ts";
import { hipaa } from "./rules/hipaa.ts";
import { identity } from "./rules/identity.ts";
import { journeys } from "./rules/journeys.ts";
import { names } from "./rules/names.ts";
import { permissions } from "./rules/permissions.ts";
import { workers } from "./rules/workers.ts";
import { synthesize } from "./synthesized.ts";

// One synthesis for all rules: it takes longer than all of them.
beforeAll(synthesize, 120_000);

hipaa();
encryption();
workers();
permissions();
identity();
edge();
journeys();
names();
environment();
alarms();
