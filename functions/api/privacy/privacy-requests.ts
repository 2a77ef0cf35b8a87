import type { Caller, Context } from "../../core/caller.ts";
import { Fault } from "../../core/fault.ts";
import { executionName } from "../../core/journey.ts";
import {
  askedIn,
  cursorOf,
  demandedKind,
  informOutput,
  isOpen,
  outputsOf,
  requestOccurrence,
  requestTask,
  requestedBy,
  requestView,
  resultOutput,
  reviewedBy,
  textDetail,
} from "../../core/privacy-request.ts";
import type {
  Decision,
  NewPrivacyRequest,
} from "../../core/privacy-request-body.ts";
import { refused } from "../../core/refused.ts";
import { kindOf } from "../../core/request-kind.ts";
import { contentTypeOf } from "../../core/record-copy.ts";
import { clockOf } from "../../core/rights.ts";
import { reviewTask } from "../../core/rights-appeal.ts";
import { decided, disagreed, takenBack } from "../../core/rights-decision.ts";
import { refusedBy } from "../../core/rights-refusal.ts";
import { isByPatient } from "../../runtime/asked-by-patient.ts";
import type { Request } from "../../runtime/http.ts";
import { declarations } from "../../resources/all.ts";
import type { KnownType } from "../../resources/declaration.ts";
import { addressOf } from "../../store/keys.ts";
import type { Kept, Stored, Work } from "../../store/records.ts";
import type { Answers, PrivacyDeps } from "./answers.ts";

type Task = Stored<Kept<"Task">>;

/** Rights that patients use: the requests, what is decided of them, and what answers them. */
export const privacyRequests = (
  deps: PrivacyDeps,
): Answers<
  | "POST /v1/privacy-requests"
  | "GET /v1/privacy-requests"
  | "GET /v1/privacy-requests/{id}"
  | "POST /v1/privacy-requests/{id}/decision"
  | "POST /v1/privacy-requests/{id}/statement"
  | "POST /v1/privacy-requests/{id}/withdrawal"
  | "POST /v1/privacy-requests/{id}/review"
  | "GET /v1/privacy-requests/{id}/result"
  | "GET /v1/privacy-requests/{id}/result/{file}"
> => {
  const { records, organization, jurisdictions, log, now } = deps;
  const where = { jurisdictions, zone: organization.timeZone };

  const changed = (
    context: Context,
    id: string,
    change: (task: Task, work: Work) => Promise<Kept<"Task">> | Kept<"Task">,
  ): Promise<Task> =>
    records.change({ ...context, operation: "right" }, async (work) => {
      const task = await work.demand("Task", id);
      demandedKind(task);
      const after = await change(task, work);
      return after === task
        ? task
        : work.update({
            ...after,
            id: task.id,
            lastModified: now().toISOString(),
          });
    });

  /** What was decided stands in the record; the journey reads it at its next look, if not now. */
  const wake = async ({ id }: Task): Promise<void> => {
    const waits = await deps.waits();
    const execution = executionName(requestOccurrence(id));
    await waits.wake(execution).catch((error: unknown) => {
      log.error("PrivacyRequestNotWoken", { id, execution }, error);
    });
  };

  const found = async ({
    params,
    context,
  }: Pick<Request, "params" | "context">): Promise<Task> => {
    const task = await records.read(context, "Task", params.id ?? "");
    demandedKind(task);
    return task;
  };

  /** What answers a request in files is for the patient and whoever asked for it. */
  const answering = async (
    request: Request,
  ): Promise<readonly ResultFile[]> => {
    const task = await found(request);
    const context: Context = { ...request.context, operation: "right" };
    await records.change(context, async (work) => {
      const by = callerOf(context);
      const isTheirs =
        requestedBy(task) === by ||
        (context.by.kind === "patient" &&
          (await isByPatient(work, patientOf(task), by)));
      if (!isTheirs) throw refused("record-copy");
    });
    return filesOf(task);
  };

  return {
    "POST /v1/privacy-requests": async ({ body, context }) => {
      const patientId = body.patient ?? ownRecord(context.by);
      if (patientId === undefined) throw unverified("patient");
      const by = callerOf(context);
      const received = now().toISOString();
      const clock = clockOf(askedIn(body), { ...where, received });
      const task = await records.change(
        { ...context, operation: "right" },
        async (work) => {
          await work.demand("Patient", patientId);
          checkVerified(body, context.by);
          await refuseAgain(work, patientId, body);
          await checkAmended(work, patientId, body);
          return work.create(
            requestTask(body, {
              patientId,
              by,
              isByPatient: await isByPatient(
                work,
                patientId,
                callerOf(context),
              ),
              received,
              clock,
            }),
          );
        },
      );
      log("PrivacyRequestReceived", {
        id: task.id,
        patient: patientId,
        type: body.kind,
      });
      return { status: 201, body: requestView(task) };
    },

    "GET /v1/privacy-requests": async ({ query, context }) => {
      const asked = query.find(([name]) => name === "patient")?.[1];
      const patient = asked ?? ownRecord(context.by);
      if (patient === undefined)
        throw new Fault("InvalidRequest", 400, "Name the patient.", {
          expression: ["patient"],
        });
      const tasks = await records.change(context, (work) =>
        work.ofPatient("Task", patient),
      );
      return {
        status: 200,
        body: {
          items: tasks
            .filter((task) => kindOf(task) !== undefined)
            .map((task) =>
              requestView(
                task,
                tasks.find(({ id }) => id === informingIn(task)),
              ),
            ),
        },
      };
    },

    "GET /v1/privacy-requests/{id}": async (request) => {
      const task = await found(request);
      const informing = informingIn(task);
      return {
        status: 200,
        body: requestView(
          task,
          informing === undefined
            ? undefined
            : await records.change(request.context, (work) =>
                work.read("Task", informing),
              ),
        ),
      };
    },

    "POST /v1/privacy-requests/{id}/decision": async ({
      params,
      body,
      context,
    }) => {
      const task = await changed(
        context,
        params.id ?? "",
        async (before, work) => {
          const first = reviewedBy(before);
          const after = decided(before, body, {
            ...where,
            now: now().toISOString(),
            by: context.by,
            first:
              first === undefined
                ? undefined
                : await work.demand("Task", first),
          });
          permitErasure(before, body, context);
          return "version" in body && body.version !== undefined
            ? amended(after, body.version, work)
            : after;
        },
      );
      log("PrivacyRequestDecided", {
        id: task.id,
        type: demandedKind(task),
        reason: body.decision,
      });
      await wake(task);
      return { status: 200, body: requestView(task) };
    },

    "POST /v1/privacy-requests/{id}/withdrawal": async ({
      params,
      body,
      context,
    }) => {
      const seen = { isNew: false };
      const task = await changed(context, params.id ?? "", (before) => {
        checkVerified(body, context.by);
        const after = takenBack(before, callerOf(context), body.verified);
        seen.isNew = after !== before;
        return after;
      });
      if (seen.isNew)
        log("PrivacyRequestWithdrawn", {
          id: task.id,
          type: demandedKind(task),
        });
      await wake(task);
      return { status: 200, body: requestView(task) };
    },

    "POST /v1/privacy-requests/{id}/review": async ({
      params,
      body,
      context,
    }) => {
      const { id = "" } = params;
      const task = await records.change(
        { ...context, operation: "right" },
        async (work) => {
          const first = await work.demand("Task", id);
          demandedKind(first);
          checkVerified(body, context.by);
          const patientId = patientOf(first);
          return work.create(
            reviewTask(
              first,
              {
                patientId,
                by: callerOf(context),
                isByPatient: await isByPatient(
                  work,
                  patientId,
                  callerOf(context),
                ),
                received: now().toISOString(),
                verified: body.verified,
              },
              { ...where, earlier: await work.ofPatient("Task", patientId) },
            ),
          );
        },
      );
      log("PrivacyRequestReceived", {
        id: task.id,
        patient: patientOf(task),
        type: demandedKind(task),
      });
      return { status: 201, body: requestView(task) };
    },

    "POST /v1/privacy-requests/{id}/statement": async ({
      params,
      body,
      context,
    }) => ({
      status: 200,
      body: requestView(
        await changed(context, params.id ?? "", (before) =>
          disagreed(before, body.text),
        ),
      ),
    }),

    "GET /v1/privacy-requests/{id}/result": async (request) => ({
      status: 200,
      body: {
        files: (await answering(request)).map(({ name }) => ({
          name,
          contentType: contentTypeOf(name),
          url: `${request.origin}/v1/privacy-requests/${request.params.id ?? ""}/result/${name}`,
        })),
      },
    }),

    "GET /v1/privacy-requests/{id}/result/{file}": async (request) => {
      const file = (await answering(request)).find(
        ({ name }) => name === request.params.file,
      );
      if (file === undefined)
        throw new Fault("NotFound", 404, "There is no such file.");
      const context: Context = { ...request.context, operation: "right" };
      const { contentType, data = "" } = await (file.version === undefined
        ? records.read(context, "Binary", file.id)
        : records.readVersion(context, "Binary", file.id, file.version));
      return {
        status: 200,
        headers: {
          "content-type": /^[\x20-\x7e]+$/.test(contentType)
            ? contentType
            : "application/octet-stream",
          "content-disposition": `attachment; filename="${file.name}"`,
          "content-security-policy":
            "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        },
        body: Buffer.from(data, "base64"),
      };
    },
  };
};

const callerOf = ({ by }: Context): string => `${by.kind}:${by.id}`;

const patientOf = ({ for: subject }: Task): string =>
  subject?.reference?.split("/")[1] ?? "";

const informingIn = (task: Task): string | undefined =>
  outputsOf(task, informOutput)[0]?.reference?.split("/")[1];

const ownRecord = (by: Caller): string | undefined =>
  by.kind === "patient" ? by.id : undefined;

/** Staff say how they know that it is the patient who asks. Throws 422. */
const checkVerified = (
  { verified }: { readonly verified?: string | undefined },
  by: Caller,
): void => {
  if (by.kind !== "patient" && verified === undefined)
    throw unverified("verified");
};

const unverified = (missing: string): Fault =>
  new Fault(
    "NotPermitted",
    422,
    "Staff name the patient, and how they made sure who asks.",
    { expression: [missing], policy: "identity-verified" },
  );

/** Nothing is gained by the same question twice; amendments and restrictions may be about several things. */
const refuseAgain = async (
  work: Work,
  patient: string,
  { kind }: NewPrivacyRequest,
): Promise<void> => {
  const open = (await work.ofPatient("Task", patient)).filter(
    (task) => kindOf(task) !== undefined && isOpen(task),
  );
  const several = kind === "amendment" || kind === "restriction";
  if (
    !several &&
    open.some((task) => kindOf(task) === kind && reviewedBy(task) === undefined)
  )
    throw refusedBy(
      "request-open",
      409,
      "A request of this kind is open already.",
    );
  if (open.length >= mostOpen)
    throw refusedBy(
      "requests-open",
      409,
      `${String(mostOpen)} requests are open already. Wait until one is answered.`,
    );
};

const mostOpen = 20;

/** What is to be amended lies in the record of this patient. Throws 422. */
const checkAmended = async (
  work: Work,
  patient: string,
  request: NewPrivacyRequest,
): Promise<void> => {
  if (request.kind !== "amendment") return;
  const [type = "", id = ""] = request.details.resource.split("/");
  const address = isKnown(type) ? addressOf(type, id) : undefined;
  const isOwn =
    address?.patient !== undefined &&
    (await work.samePerson(patient)).includes(address.patient) &&
    (await work.read(address.type, id)) !== undefined;
  if (!isOwn)
    throw refusedBy(
      "amendment-of-own-record",
      422,
      "There is no such resource in the patient's record.",
    );
};

const isKnown = (type: string): type is KnownType =>
  Object.hasOwn(declarations, type);

/** What cannot be taken back is decided right after signing in. Throws 403. */
const permitErasure = (
  task: Task,
  { decision }: Decision,
  { freshSignIn }: Context,
): void => {
  if (
    kindOf(task) === "erasure" &&
    decision === "accept" &&
    freshSignIn !== true
  )
    throw new Fault(
      "StepUpRequired",
      403,
      "Not permitted (step-up-required). Sign in again, with the second factor, and repeat this within five minutes.",
      { policy: "step-up-required" },
    );
};

/** The change was made, to what the request is about and after it was asked for. Throws 422. */
const amended = async (
  task: Kept<"Task">,
  version: string,
  work: Work,
): Promise<Kept<"Task">> => {
  const [type = "", id = "", , number] = version.split("/");
  const current = isKnown(type) ? await work.read(type, id) : undefined;
  const isIt =
    textDetail(task, "resource") === `${type}/${id}` &&
    current?.meta.versionId === number &&
    Date.parse(current?.meta.lastUpdated ?? "") >
      Date.parse(task.authoredOn ?? "");
  if (!isIt)
    throw refusedBy(
      "amendment-version",
      422,
      "This is not the newest version of what the request is about, or it was not changed since.",
    );
  return {
    ...task,
    output: [
      ...(task.output ?? []),
      { type: { text: "amended" }, valueReference: { reference: version } },
    ],
  };
};

interface ResultFile {
  readonly id: string;
  readonly name: string;
  /** Of what lies in the record and may change. */
  readonly version: string | undefined;
}

/** Throws 404 until all of them are there. */
const filesOf = (task: Task): readonly ResultFile[] => {
  const files = outputsOf(task, resultOutput);
  if (files.length === 0 || cursorOf(task) !== undefined)
    throw new Fault(
      "NotFound",
      404,
      "Nothing answers this request in files, or not yet.",
    );
  return files.map(({ reference = "", display }) => {
    const [, id = "", , version] = reference.split("/");
    return { id, name: display ?? id, version };
  });
};
