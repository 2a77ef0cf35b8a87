import type { Parameters, Patient } from "@medplum/fhirtypes";
import {
  answeredReviews,
  merged,
  targetOf,
  unmerged,
} from "../../core/merge.ts";
import { Fault } from "../../core/fault.ts";
import type { Reply, Request } from "../../runtime/http.ts";
import { parseJson } from "../../runtime/json.ts";
import type { Stored, Work } from "../../store/records.ts";
import { unlessErased } from "../../store/erased.ts";
import type { FhirDeps } from "./answers.ts";
import { informed } from "./exchange.ts";
import {
  parametersIn,
  pointed,
  type OperationParameter,
} from "./parameters.ts";

/** `Patient/$merge`: nothing is moved, both records keep what was filed under them. */
export const mergePatients = async (
  { records }: Pick<FhirDeps, "records">,
  request: Request,
): Promise<Reply> => {
  const input = parseJson(request.text);
  const given = parametersIn(input);
  const [sourceId, targetId] = [
    patientIn(given, "source-patient"),
    patientIn(given, "target-patient"),
  ];
  const isPreview = given.some(
    ({ name, value }) => name === "preview" && value === true,
  );
  const result = await records.change(request.context, async (work) => {
    const source = await work.demand("Patient", sourceId);
    const target = await work.demand("Patient", targetId);
    const after = merged(source, target);
    if (isPreview) return after;
    const answer = {
      source: await work.update(after.source, versionOf(source)),
      target: await work.update(after.target, versionOf(target)),
    };
    await answerReviews(work, [sourceId, targetId], "merged");
    return answer;
  });
  return answered(
    input,
    isPreview ? "This is what the merge would do." : "Merged.",
    result,
  );
};

/** `Patient/$unmerge`: the records become what they would be had they never been merged. */
export const unmergePatients = async (
  { records }: Pick<FhirDeps, "records">,
  request: Request,
): Promise<Reply> => {
  const input = parseJson(request.text);
  const sourceId = patientIn(parametersIn(input), "source-patient");
  const at = await records.change(request.context, async (work) => {
    await work.demand("Patient", sourceId);
    return work.mergedAt(sourceId);
  });
  if (at === undefined) throw notMerged();
  const before = await records.readVersion(
    request.context,
    "Patient",
    sourceId,
    String(at - 1),
  );
  const result = await records.change(request.context, async (work) => {
    const source = await work.demand("Patient", sourceId);
    // Another one may have parted them, or merged it elsewhere, meanwhile.
    if ((await work.mergedAt(sourceId)) !== at) throw notMerged();
    const target = await work
      .read("Patient", targetOf(source) ?? "")
      .catch(unlessErased);
    const after = unmerged(source, target, before);
    return {
      source: await work.update(after.source, versionOf(source)),
      target:
        after.target === undefined || target === undefined
          ? undefined
          : await work.update(after.target, versionOf(target)),
    };
  });
  return answered(input, "Unmerged.", result);
};

const versionOf = ({ meta }: Stored<Patient>): { ifVersion: string } => ({
  ifVersion: meta.versionId,
});

const notMerged = (): Fault =>
  new Fault("NotMerged", 422, "This record is not merged into another one.", {
    code: "business-rule",
    expression: ["source-patient"],
  });

const answerReviews = async (
  work: Work,
  pair: readonly [string, string],
  answer: string,
): Promise<void> => {
  const tasks = await work.ofPatient("Task", pair.toSorted()[1] ?? "");
  for (const task of answeredReviews(tasks, pair, answer))
    await work.update(task);
};

/** Throws 400. */
const patientIn = (
  given: readonly OperationParameter[],
  wanted: string,
): string => {
  const reference = pointed(given.find(({ name }) => name === wanted)?.value);
  const id =
    typeof reference === "string"
      ? /(?:^|\/)Patient\/([A-Za-z0-9.-]{1,64})$/.exec(reference)?.[1]
      : undefined;
  if (id === undefined)
    throw new Fault(
      "InvalidRequest",
      400,
      `${wanted} must be a reference to a Patient of this server.`,
      { code: "required", expression: [wanted] },
    );
  return id;
};

const answered = (
  input: unknown,
  text: string,
  { source, target }: { source: Patient; target: Patient | undefined },
): Reply => {
  const body: Parameters = {
    resourceType: "Parameters",
    parameter: [
      { name: "input", resource: input as Parameters },
      { name: "outcome", resource: informed(text) },
      ...(target === undefined ? [] : [{ name: "result", resource: target }]),
      { name: "source", resource: source },
    ],
  };
  return { status: 200, body };
};
