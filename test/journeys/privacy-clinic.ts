import { readFileSync } from "node:fs";
import type { Patient, Task } from "@medplum/fhirtypes";
import { privacy } from "../../functions/api/privacy.ts";
import type { Caller } from "../../functions/core/caller.ts";
import {
  executionName,
  type Occurrence,
} from "../../functions/core/journey.ts";
import { startJourneys } from "../../functions/events/start-journeys.ts";
import type { Journeys } from "../../functions/outbound/journeys.ts";
import type { LogIds } from "../../functions/runtime/log.ts";
import { createWaits } from "../../functions/store/waits.ts";
import { privacyAccounting } from "../../functions/tasks/privacy-accounting.ts";
import { privacyAcknowledge } from "../../functions/tasks/privacy-acknowledge.ts";
import { privacyAmend } from "../../functions/tasks/privacy-amend.ts";
import { privacyAnswer } from "../../functions/tasks/privacy-answer.ts";
import { privacyAwait } from "../../functions/tasks/privacy-await.ts";
import { privacyClock } from "../../functions/tasks/privacy-clock.ts";
import { privacyConfidential } from "../../functions/tasks/privacy-confidential.ts";
import { privacyCopy } from "../../functions/tasks/privacy-copy.ts";
import { privacyErasable } from "../../functions/tasks/privacy-erasable.ts";
import { privacyErase } from "../../functions/tasks/privacy-erase.ts";
import { privacyRestrict } from "../../functions/tasks/privacy-restrict.ts";
import { privacyStuck } from "../../functions/tasks/privacy-stuck.ts";
import { virtualClock } from "../../simulator/clock.ts";
import { createEngine, TaskFailure } from "../../simulator/engine.ts";
import { aRequest } from "../api/server.ts";
import { aRecord, bySystem } from "../record.ts";

type Handler = (event: unknown, context: unknown) => Promise<unknown>;

const machine =
  "arn:aws:states:us-east-1:000000000000:stateMachine:privacy-request";

export const officer = (at?: number): Caller => ({
  kind: "staff",
  id: "officer-1",
  roles: ["privacy-officer"],
  token: "t",
  ...(at !== undefined && { signedIn: { session: "officer", at } }),
});
export const frontDesk: Caller = {
  kind: "staff",
  id: "desk-1",
  roles: ["front-desk"],
  token: "t",
};

interface Asked<Body> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly body: Body;
}

/** States that any simulation of the file entered. */
export const visited = new Set<string>();

/** The rights of patients on a virtual clock: the API, the tasks, the record and the very workflow. */
export const privacyClinic = async ({
  start = "2026-11-23T15:00:00Z",
  jurisdictions = ["us-hipaa"],
  failing = [],
  patient: person = {},
}: {
  readonly start?: string;
  readonly jurisdictions?: readonly string[];
  /** Tasks that never succeed. */
  readonly failing?: readonly string[];
  readonly patient?: Partial<Patient>;
} = {}) => {
  const clock = virtualClock(Date.parse(start));
  const now = (): Date => new Date(clock.now());
  const record = aRecord({ now, jurisdictions });
  const started: { occurrence: Occurrence; input: unknown }[] = [];
  const journeys: Journeys = {
    start: (occurrence, input) => {
      started.push({ occurrence, input });
      const name = executionName(occurrence);
      if (occurrence.journey === "privacy-request")
        try {
          engine.startExecution({
            stateMachineArn: machine,
            name,
            input: JSON.stringify(input),
          });
        } catch (error) {
          if (
            !(error instanceof Error) ||
            error.name !== "ExecutionAlreadyExists"
          )
            throw error;
        }
      return Promise.resolve(name);
    },
    stop: () => Promise.resolve(),
  };
  const waits = createWaits({ table: record.table, now }, (taskToken) => {
    try {
      engine.sendTaskSuccess({ taskToken, output: "{}" });
    } catch (error) {
      if (!(error instanceof Error && error.name.startsWith("Task")))
        throw error;
    }
    return Promise.resolve();
  });
  const logged: { readonly fact: string; readonly ids: LogIds }[] = [];
  const note = (fact: string, ids: LogIds = {}): void => {
    logged.push({ fact, ids });
  };
  const deps = {
    ...record,
    journeys,
    waits: () => Promise.resolve(waits),
    log: Object.assign(note, { error: note }),
    authenticate: (authorization = "") =>
      Promise.resolve(JSON.parse(authorization) as Caller),
  };
  const tasks = {
    PrivacyAccounting: privacyAccounting(deps),
    PrivacyAcknowledge: privacyAcknowledge(deps),
    PrivacyAmend: privacyAmend(deps),
    PrivacyAnswer: privacyAnswer(deps),
    PrivacyAwait: privacyAwait(deps),
    PrivacyClock: privacyClock(deps),
    PrivacyConfidential: privacyConfidential(deps),
    PrivacyCopy: privacyCopy(deps),
    PrivacyErasable: privacyErasable(deps),
    PrivacyErase: privacyErase(deps),
    PrivacyRestrict: privacyRestrict(deps),
    PrivacyStuck: privacyStuck(deps),
  } as unknown as Readonly<Record<string, Handler>>;
  const inputs: unknown[] = [];
  /** What tasks threw. */
  const failures: unknown[] = [];
  const engine = createEngine({
    clock,
    random: () => 0.5,
    invoke: async ({ functionArn, payload }) => {
      const name = functionArn.split(":").at(-1) ?? "";
      inputs.push(payload);
      try {
        if (failing.includes(name)) throw new Error("it is broken");
        const output = await tasks[name]?.(payload, {});
        inputs.push(output);
        return output;
      } catch (error) {
        failures.push(error);
        const { name: type, message } = error as Error;
        throw new TaskFailure(
          type,
          JSON.stringify({ errorType: type, errorMessage: message }),
        );
      }
    },
  });
  engine.deploy({
    arn: machine,
    name: "privacy-request",
    definition: readFileSync(
      new URL("../../workflows/privacy-request.asl.json", import.meta.url),
      "utf8",
    ).replaceAll(
      /\$\{(\w+)\}/g,
      "arn:aws:lambda:us-east-1:000000000000:function:$1",
    ),
  });
  const handler = privacy(deps);
  const starter = startJourneys(deps) as Handler;

  const ask = async <Body = { id: string; status: string; due: string }>(
    method: string,
    path: string,
    as: Caller,
    body?: unknown,
  ): Promise<Asked<Body>> => {
    const [route = "", query] = path.split("?");
    const answer = await handler(
      aRequest(method, route, {
        as,
        ...(body !== undefined && { body }),
        ...(query !== undefined && {
          query: Object.fromEntries(new URLSearchParams(query)),
        }),
      }),
      {},
    );
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text:
        answer.isBase64Encoded === true
          ? Buffer.from(answer.body, "base64").toString()
          : answer.body,
      get body(): Body {
        return JSON.parse(answer.body) as Body;
      },
    };
  };

  const { id: patient } = await record.records.change(bySystem, (work) =>
    work.create({
      resourceType: "Patient",
      name: [{ family: "Quetzalcanary", given: ["Xanthippe"] }],
      ...person,
    }),
  );

  const of = <K extends "Task" | "Communication" | "Consent" | "Provenance">(
    type: K,
  ) => record.records.change(bySystem, (work) => work.ofPatient(type, patient));

  return {
    ...record,
    clock,
    engine,
    patient,
    own: { kind: "patient", id: patient, token: "t" } as Caller,
    logged,
    inputs,
    failures,
    started,
    deps,
    ask,
    of,
    /** Uses a right, and has the event of it start the journey, twice as it may. */
    request: async (
      kind: string,
      details: object,
      as: Caller = { kind: "patient", id: patient, token: "t" },
      more: object = {},
    ) => {
      const answer = await ask("POST", "/v1/privacy-requests", as, {
        kind,
        details,
        ...more,
      });
      if (answer.status !== 201) throw new Error(answer.text);
      const { id } = answer.body;
      for (let times = 2; times > 0; times -= 1)
        await starter(
          {
            Records: [
              {
                eventSource: "aws:sqs",
                messageId: "message",
                body: JSON.stringify({
                  detail: {
                    fact: "fact",
                    patient,
                    type: "Task",
                    id,
                    version: 1,
                    what: "PrivacyRequestReceived",
                  },
                }),
              },
            ],
          },
          {},
        );
      return id;
    },
    decide: (id: string, decision: object, as: Caller = officer()) =>
      ask("POST", `/v1/privacy-requests/${id}/decision`, as, decision),
    until: (time: string) => clock.advanceTo(Date.parse(time)),
    /** Plays until no execution is open; answers their states. */
    end: async () => {
      await engine.settled();
      const { executions } = engine.listExecutions({
        stateMachineArn: machine,
      });
      for (const { executionArn } of executions)
        for (const { stateEnteredEventDetails } of engine.getExecutionHistory({
          executionArn,
        }).events)
          if (typeof stateEnteredEventDetails?.name === "string")
            visited.add(stateEnteredEventDetails.name);
      return executions.map(({ status }) => status);
    },
    look: async (id: string): Promise<Task> =>
      record.records.read(bySystem, "Task", id),
    letters: async () =>
      (await of("Communication")).map(
        ({ identifier, payload }) =>
          `${identifier?.[0]?.value?.split("/")[1] ?? ""}: ${payload?.[0]?.contentString ?? ""}`,
      ),
  };
};
