import type { Task } from "@medplum/fhirtypes";
import { outputsOf, resultOutput, copyLabel } from "../core/privacy-request.ts";
import type { CopyFile } from "../core/record-copy.ts";
import type { Stored, Work } from "../store/records.ts";

/** Files the answer to a request: Binaries of the patient, sealed with the patient's key, which staff do not read. */
export const fileResult = async (
  work: Work,
  task: Stored<Task>,
  {
    patient,
    files,
  }: { readonly patient: string; readonly files: readonly CopyFile[] },
): Promise<void> => {
  if (outputsOf(task, resultOutput).length > 0) return;
  const output = [...(task.output ?? [])];
  for (const { name, contentType, bytes } of files) {
    const { id } = await work.create({
      resourceType: "Binary",
      meta: { security: [copyLabel] },
      contentType,
      securityContext: { reference: `Patient/${patient}` },
      data: bytes.toString("base64"),
    });
    output.push({
      type: { text: resultOutput },
      valueReference: { reference: `Binary/${id}`, display: name },
    });
  }
  await work.update({ ...task, output });
};
