import type { Bundle, BundleEntry, Observation } from "@medplum/fhirtypes";
import type { Context } from "../functions/core/caller.ts";
import type { ExportRequest } from "../functions/core/export-request.ts";
import { dynamoTable } from "../functions/store/dynamo-table.ts";
import { exportSlice } from "../functions/tasks/export-slice.ts";
import { memoryBucket } from "../test/memory-bucket.ts";
import { localKeyProvider } from "../test/record.ts";
import { answerWith, type Options } from "./child.ts";
import { clientOf, dynamoDbLocal, tables } from "./dynamodb.ts";
import {
  environments,
  expected,
  recordOf,
  requestsWith,
  type Answered,
} from "./front-desk.ts";
import type { Kind } from "./kinds.ts";
import { asked, inPairs, timed } from "./pairs.ts";
import { inventedPatient } from "./people.ts";
import { progress } from "./progress.ts";
import type { OperationResult } from "./results.ts";
import { signIn } from "./sign-in.ts";
import { compared } from "./statistics.ts";
import { replay, tapped } from "./tap.ts";

type Send = ReturnType<typeof requestsWith>;

/** Requests that touch many resources, against the same commands sent bare. */
const measureLarge = async ({
  quick,
}: Options): Promise<readonly OperationResult[]> => {
  const rounds = quick ? { warmUp: 1, samples: 3 } : { warmUp: 5, samples: 30 };
  const local = await dynamoDbLocal();
  const cognito = await signIn();
  try {
    const { endpoint } = local;
    const client = clientOf(endpoint);
    const bare = clientOf(endpoint);
    const tap = tapped(client);
    const table = dynamoTable(client, tables.ours);
    const provider = localKeyProvider();
    const mirrored = (): (() => Promise<void>) => replay(bare, tap.take());
    const environment = environments(table, {
      provider,
      cognito,
    });
    const handler = environment();
    const send = requestsWith(cognito.token("nurse-1", ["nurse", "manager"]));
    const post = async (path: string, body: object): Promise<Answered> => {
      const answer = expected(
        await handler(send("POST", path, body)),
        path === "" ? 200 : 201,
      );
      await mirrored()();
      return answer;
    };
    const aPatient = async (number: number, observations: number) => {
      const { id } = await post("/Patient", inventedPatient(number));
      for (let at = 0; at < observations; at += 90)
        await post("", measurements(id, at, Math.min(90, observations - at)));
      return id;
    };
    const tell = progress("large: filling", quick ? 4 : 102);
    const some = await aPatient(0, 500);
    tell(1);
    const many = await aPatient(1, 999);
    tell(2);
    const others = quick ? 2 : 100;
    for (let number = 0; number < others; number += 1) {
      await aPatient(2 + number, 85);
      tell(3 + number);
    }
    const results = await inPairs(
      "large",
      kindsOf(send, some, many),
      { environment, tap, mirrored },
      rounds,
    );
    const exported = await measureExport(recordOf(table, provider), {
      tap,
      mirrored,
      times: quick ? 1 : 5,
    });
    for (const one of [client, bare]) one.destroy();
    return [...results, exported];
  } finally {
    cognito.stop();
    await local.stop();
  }
};

const kindsOf = (send: Send, some: string, many: string): readonly Kind[] => [
  {
    name: "200 of a patient's 500 Observations",
    status: 200,
    request: () =>
      send(
        "POST",
        "/Observation/_search",
        `patient=${some}&_count=200`,
        "application/x-www-form-urlencoded",
      ),
  },
  {
    name: "3 of a patient's 500 Observations, by date",
    status: 200,
    request: () =>
      send(
        "POST",
        "/Observation/_search",
        `patient=${some}&date=2026-01-02`,
        "application/x-www-form-urlencoded",
      ),
  },
  {
    name: "Patient/{id}/$everything of 1,000",
    status: 200,
    request: () => send("GET", `/Patient/${many}/$everything`),
  },
  {
    name: "transaction of 90 creates",
    status: 200,
    request: (round) => send("POST", "", measurements(some, round, 90)),
  },
];

/** Blood pressures, eight hours apart. */
const measurements = (
  patient: string,
  from: number,
  count: number,
): Bundle => ({
  resourceType: "Bundle",
  type: "transaction",
  entry: Array.from({ length: count }, (_, index): BundleEntry => ({
    resource: bloodPressure(patient, from + index),
    request: { method: "POST", url: "Observation" },
  })),
});

const bloodPressure = (patient: string, number: number): Observation => ({
  resourceType: "Observation",
  status: "final",
  category: [
    {
      coding: [
        {
          system: "http://terminology.hl7.org/CodeSystem/observation-category",
          code: "vital-signs",
        },
      ],
    },
  ],
  code: { coding: [{ system: "http://loinc.org", code: "85354-9" }] },
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: new Date(Date.UTC(2026, 0, 1, number * 8)).toISOString(),
  component: [
    ["8480-6", 118 + (number % 20)],
    ["8462-4", 74 + (number % 12)],
  ].map(([code, value]) => ({
    code: { coding: [{ system: "http://loinc.org", code: String(code) }] },
    valueQuantity: {
      value: Number(value),
      unit: "mmHg",
      system: "http://unitsofmeasure.org",
      code: "mm[Hg]",
    },
  })),
});

const byClinic: Context = {
  by: { kind: "client", id: "bench", scopes: ["system/*.rs"], token: "bench" },
  purpose: "TREAT",
  requestId: "bench",
};

/** Of everything the patients have. */
const ofPatients = {
  level: "patient",
  types: ["Patient", "Observation"],
  notes: [],
} as const satisfies ExportRequest;

/** The tasks of a whole export, one after the other, as the workflow calls them; the files are kept in memory. */
const measureExport = async (
  { exportJobs, now, newId, log }: ReturnType<typeof recordOf>,
  {
    tap,
    mirrored,
    times,
  }: {
    readonly tap: ReturnType<typeof tapped>;
    readonly mirrored: () => () => Promise<void>;
    readonly times: number;
  },
): Promise<OperationResult> => {
  const jobs = exportJobs;
  const run = exportSlice({
    exportJobs: () => Promise.resolve(jobs),
    exchange: memoryBucket(),
    log,
    now,
    newId,
  });
  const whole = async (): Promise<void> => {
    const job = await jobs.create(byClinic, ofPatients, "https://bench");
    for (let slice = 0; ; slice += 1) {
      const { isMore } = await run({ export: job.id, slice }, {});
      if (!isMore) break;
    }
    await jobs.end(job, byClinic, { status: "completed" });
  };
  const [ours, alone]: [number[], number[]] = [[], []];
  for (let round = 0; round <= times; round += 1) {
    const [time] = await timed(whole);
    const [bareTime] = await timed(mirrored());
    if (round === 0) continue;
    ours.push(time);
    alone.push(bareTime);
  }
  await whole();
  const total = asked(tap.take());
  const counted = [...Map.groupBy(total.commands, (name) => name)].map(
    ([name, all]) =>
      all.length > 1 ? `${String(all.length)} x ${name}` : name,
  );
  const summary = { ...total, commands: counted };
  return {
    name: "$export of 10,000",
    comparison: compared({ ours, bare: alone }),
    first: summary,
    warm: summary,
  };
};

answerWith(measureLarge);
