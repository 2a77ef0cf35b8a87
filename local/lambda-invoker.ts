import {
  InvokeCommand,
  LambdaClient,
  LambdaServiceException,
} from "@aws-sdk/client-lambda";
import { TaskFailure, type Invocation } from "../simulator/engine.ts";

const localCredentials = { accessKeyId: "test", secretAccessKey: "test" };

// What lambda:invoke calls the failures of Lambda itself.
const serviceFailure = (error: unknown): TaskFailure => {
  if (!(error instanceof LambdaServiceException))
    return new TaskFailure("Lambda.SdkClientException", String(error));
  const { name, message, $metadata } = error;
  const status = $metadata.httpStatusCode ?? 0;
  const cause = `${message} (Service: Lambda, Status Code: ${status}, Request ID: ${$metadata.requestId ?? ""})`;
  return new TaskFailure(
    status >= 500 && name === "ServiceException"
      ? "Lambda.ServiceException"
      : `Lambda.${name}`,
    cause,
  );
};

const functionFailure = (payload: string): TaskFailure => {
  const unknown = new TaskFailure(
    "Lambda.Unknown",
    `The cause could not be determined because Lambda did not return an error type. Returned payload: ${payload}`,
  );
  try {
    const { errorType } = JSON.parse(payload) as { errorType?: unknown };
    return typeof errorType === "string" && errorType !== ""
      ? new TaskFailure(errorType, payload)
      : unknown;
  } catch {
    return unknown;
  }
};

/** Runs tasks through the Invoke API of the emulator. */
export const lambdaInvoker = (endpoint: string) => {
  const client = new LambdaClient({
    endpoint,
    region: "us-east-1",
    credentials: localCredentials,
    maxAttempts: 1,
  });
  return {
    invoke: async ({ functionArn, payload }: Invocation): Promise<unknown> => {
      const command = new InvokeCommand({
        FunctionName: functionArn,
        Payload: JSON.stringify(payload),
      });
      const reply = await client.send(command).catch((error: unknown) => {
        throw serviceFailure(error);
      });
      const text = reply.Payload?.transformToString() ?? "";
      if (reply.FunctionError) throw functionFailure(text);
      return text === "" ? null : (JSON.parse(text) as unknown);
    },
    close: () => client.destroy(),
  };
};
