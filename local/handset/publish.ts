import type { ServiceEvent } from "./receipts.ts";

/** How AWS reaches the deployment: its default bus and the SNS topic of a two-way number. */
export interface Deployment {
  readonly putEvent: (event: ServiceEvent) => Promise<void>;
  readonly publish: (topicArn: string, message: string) => Promise<void>;
}

/** The same through the emulator at `url`, which believes this sender that it is AWS. */
export const emulated = (url: string): Deployment => {
  const post = async (
    service: string,
    headers: Record<string, string>,
    body: string,
  ) => {
    const credential = `000000000000/20260101/us-east-1/${service}/aws4_request`;
    const send = () =>
      fetch(url, {
        method: "POST",
        headers: {
          ...headers,
          authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0`,
        },
        body,
      });
    // A connection may break; as on AWS, what is sent may then come twice.
    const answer = await send().catch(send);
    const text = await answer.text();
    if (!answer.ok || text.includes("ErrorCode"))
      throw new Error(
        `${service} answered ${answer.status}: ${text.slice(0, 300)}`,
      );
  };
  return {
    putEvent: (event) =>
      post(
        "events",
        {
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": "AWSEvents.PutEvents",
        },
        JSON.stringify({ Entries: [event] }),
      ),
    publish: (topicArn, message) =>
      post(
        "sns",
        { "content-type": "application/x-www-form-urlencoded" },
        new URLSearchParams({
          Action: "Publish",
          Version: "2010-03-31",
          TopicArn: topicArn,
          Message: message,
        }).toString(),
      ),
  };
};
