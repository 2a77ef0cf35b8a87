import type { Task, TaskOutput } from "@medplum/fhirtypes";
import type { Attachment } from "../core/copy-part.ts";
import {
  cursorOutput,
  isCursor,
  resultOutput,
  copyLabel,
} from "../core/privacy-request.ts";
import type { CopyFile } from "../core/record-copy.ts";
import type { Stored, Work } from "../store/records.ts";

/**
 * Files an answer to a request, or the next part of one: Binaries of the patient, sealed with the patient's key, which staff
 * do not read. Attachments lie in the record already. `next`: where the part after this one begins.
 */
export const fileResult = async (
  work: Work,
  task: Stored<Task>,
  {
    patient,
    files,
    attachments = [],
    next,
  }: {
    readonly patient: string;
    readonly files: readonly CopyFile[];
    readonly attachments?: readonly Attachment[];
    readonly next?: string | undefined;
  },
): Promise<Stored<Task>> => {
  const output = (task.output ?? []).filter((one) => !isCursor(one));
  for (const { name, contentType, bytes } of files) {
    const { id } = await work.create({
      resourceType: "Binary",
      meta: { security: [copyLabel] },
      contentType,
      securityContext: { reference: `Patient/${patient}` },
      data: bytes.toString("base64"),
    });
    output.push(resultOf({ reference: `Binary/${id}`, name }));
  }
  output.push(...attachments.map(resultOf));
  if (next !== undefined)
    output.push({ type: { text: cursorOutput }, valueString: next });
  return work.update({ ...task, output });
};

const resultOf = ({ reference, name }: Attachment): TaskOutput => ({
  type: { text: resultOutput },
  valueReference: { reference, display: name },
});
