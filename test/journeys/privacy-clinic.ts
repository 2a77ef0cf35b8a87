import type { Patient, Task } from "@medplum/fhirtypes";
import { privacy } from "../../functions/api/privacy.ts";
import type { Caller } from "../../functions/core/caller.ts";
import {
  executionName,
  type Occurrence,
} from "../../functions/core/journey.ts";
import { startJourneys } from "../../functions/events/start-journeys.ts";
import type { Journeys } from "../../functions/outbound/journeys.ts";
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
import { privacyInform } from "../../functions/tasks/privacy-inform.ts";
import { privacyRestrict } from "../../functions/tasks/privacy-restrict.ts";
import { privacyStuck } from "../../functions/tasks/privacy-stuck.ts";
import { virtualClock } from "../../simulator/clock.ts";
import {
  entered,
  stagedWorkflow,
  type Handler,
} from "../../simulator/staged-workflow.ts";
import { aRequest, bearerIsCaller } from "../api/server.ts";
import { notedLog } from "../noted-log.ts";
import { aRecord, bySystem } from "../record.ts";

export const officer = (at?: number): Caller => ({
  kind: "staff",
  id: "officer-1",
  roles: ["privacy-officer"],
  token: "t",
  ...(at !== undefined && { signedIn: { session: "officer", at } }),
});
/** A licensed professional whom the organization has named as reviewing official. */
export const reviewer: Caller = {
  kind: "staff",
  id: "reviewer-1",
  roles: ["clinician", "privacy-officer"],
  token: "t",
};
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
  copyLimits,
  patient: person = {},
}: {
  readonly start?: string;
  readonly jurisdictions?: readonly string[];
  /** Tasks that never succeed. */
  readonly failing?: readonly string[];
  /** Of one run of the task that copies. */
  readonly copyLimits?: Parameters<typeof privacyCopy>[1];
  readonly patient?: Partial<Patient>;
} = {}) => {
  const clock = virtualClock(Date.parse(start));
  const now = (): Date => new Date(clock.now());
  const record = aRecord({ now, jurisdictions });
  const started: { occurrence: Occurrence; input: unknown }[] = [];
  const journeys: Journeys = {
    start: (occurrence, input) => {
      started.push({ occurrence, input });
      return occurrence.journey === workflow.name
        ? workflow.journeys.start(occurrence, input)
        : Promise.resolve(executionName(occurrence));
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
  const { log, logged } = notedLog();
  const deps = {
    ...record,
    journeys,
    waits: () => Promise.resolve(waits),
    log,
    authenticate: bearerIsCaller,
  };
  const tasks = {
    PrivacyAccounting: privacyAccounting(deps),
    PrivacyAcknowledge: privacyAcknowledge(deps),
    PrivacyAmend: privacyAmend(deps),
    PrivacyAnswer: privacyAnswer(deps),
    PrivacyAwait: privacyAwait(deps),
    PrivacyClock: privacyClock(deps),
    PrivacyConfidential: privacyConfidential(deps),
    PrivacyCopy: privacyCopy(deps, copyLimits),
    PrivacyErasable: privacyErasable(deps),
    PrivacyErase: privacyErase(deps),
    PrivacyInform: privacyInform(deps),
    PrivacyRestrict: privacyRestrict(deps),
    PrivacyStuck: privacyStuck(deps),
  } as unknown as Readonly<Record<string, Handler>>;
  const inputs: unknown[] = [];
  /** What tasks threw. */
  const failures: unknown[] = [];
  const workflow = stagedWorkflow(
    "privacy-request",
    clock,
    async (task, payload) => {
      inputs.push(payload);
      try {
        if (failing.includes(task)) throw new Error("it is broken");
        const output = await tasks[task]?.(payload, {});
        inputs.push(output);
        return output;
      } catch (error) {
        failures.push(error);
        throw error;
      }
    },
  );
  const { engine } = workflow;
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

  /** The event comes twice, as it may. */
  const begin = async (id: string): Promise<string> => {
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
  };

  return {
    ...record,
    clock,
    executions: workflow.executions,
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
      return begin(answer.body.id);
    },
    withdraw: (
      id: string,
      as: Caller = { kind: "patient", id: patient, token: "t" },
      body: object = {},
    ) => ask("POST", `/v1/privacy-requests/${id}/withdrawal`, as, body),
    /** Asks for a review, and has the event of it start its journey. */
    review: async (
      id: string,
      as: Caller = { kind: "patient", id: patient, token: "t" },
      body: object = {},
    ) => {
      const answer = await ask(
        "POST",
        `/v1/privacy-requests/${id}/review`,
        as,
        body,
      );
      if (answer.status === 201) await begin(answer.body.id);
      return answer;
    },
    decide: (id: string, decision: object, as: Caller = officer()) =>
      ask("POST", `/v1/privacy-requests/${id}/decision`, as, decision),
    until: (time: string) => clock.advanceTo(Date.parse(time)),
    /** Plays until no execution is open; answers their states. */
    end: async () => {
      await engine.settled();
      const executions = workflow.executions();
      for (const state of entered(executions)) visited.add(state);
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

export const anObservation = (
  patient: string,
  status: "final" | "amended" = "final",
) => ({
  resourceType: "Observation" as const,
  status,
  code: { text: "<b>Blood pressure</b>" },
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: "2026-10-01",
});

/** Details of a request to amend an observation that it makes. */
export const anAmendment = async (
  stage: Awaited<ReturnType<typeof privacyClinic>>,
) => {
  const { id } = await stage.records.change(bySystem, (work) =>
    work.create(anObservation(stage.patient)),
  );
  return {
    resource: `Observation/${id}`,
    change: "It was 120/80.",
    reason: "Misread.",
  };
};
