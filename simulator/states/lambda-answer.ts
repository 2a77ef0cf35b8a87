import type { Host } from "../execution.ts";
import type { Data, Json } from "../json.ts";

/** What `lambda:invoke` results in: the payload inside the answer of Lambda's Invoke API. */
export const lambdaAnswer = (host: Host, payload: Data): Json => {
  const requestId = host.newId();
  const headers = {
    Connection: "keep-alive",
    "Content-Length": String(Buffer.byteLength(payload.text)),
    "Content-Type": "application/json",
    Date: new Date(host.clock.now()).toUTCString(),
    "X-Amz-Executed-Version": "$LATEST",
    "x-amzn-Remapped-Content-Length": "0",
    "x-amzn-RequestId": requestId,
    "X-Amzn-Trace-Id": `Root=1-${requestId}`,
  };
  return {
    ExecutedVersion: "$LATEST",
    Payload: payload.value,
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, [value]]),
      ),
      HttpHeaders: headers,
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: 200,
  };
};
