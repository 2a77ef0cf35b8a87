/** AWS's JSON protocols, as far as the tests look behind the deployment. */
export const aws =
  (url: string) =>
  async <T>(service: string, target: string, body: object): Promise<T> => {
    const send = () =>
      fetch(url, {
        method: "POST",
        headers: {
          "content-type":
            service === "sqs" || service === "dynamodb"
              ? "application/x-amz-json-1.0"
              : "application/x-amz-json-1.1",
          "x-amz-target": target,
          authorization: `AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
        },
        body: JSON.stringify(body),
      });
    // A connection may break.
    const answer = await send().catch(send);
    const text = await answer.text();
    if (!answer.ok)
      throw new Error(`${target}: ${answer.status} ${text.slice(0, 300)}`);
    return JSON.parse(text || "{}") as T;
  };

export type Aws = ReturnType<typeof aws>;

export const account = "000000000000";
export const named = (name: string): string => `sojourn-demo-${name}`;
export const queueUrl = (url: string, name: string): string =>
  `${url}/${account}/${name}`;

interface LogEvents {
  readonly events: readonly { readonly message: string }[];
}

/** Every line of every log group. */
export const allLogLines = async (call: Aws): Promise<readonly string[]> => {
  const { logGroups } = await call<{ logGroups: { logGroupName: string }[] }>(
    "logs",
    "Logs_20140328.DescribeLogGroups",
    {},
  );
  const lines: string[] = [];
  for (const { logGroupName } of logGroups) {
    const { logStreams } = await call<{
      logStreams: { logStreamName: string }[];
    }>("logs", "Logs_20140328.DescribeLogStreams", { logGroupName });
    for (const { logStreamName } of logStreams) {
      const { events } = await call<LogEvents>(
        "logs",
        "Logs_20140328.GetLogEvents",
        { logGroupName, logStreamName, limit: 10_000 },
      );
      lines.push(...events.map(({ message }) => `${logGroupName} ${message}`));
    }
  }
  return lines;
};

/** Every item of a table, as DynamoDB's JSON. */
export const allItems = async (
  call: Aws,
  TableName: string,
): Promise<readonly object[]> => {
  const items: object[] = [];
  let start: object | undefined;
  do {
    const page = await call<{ Items: object[]; LastEvaluatedKey?: object }>(
      "dynamodb",
      "DynamoDB_20120810.Scan",
      {
        TableName,
        ...(start && { ExclusiveStartKey: start }),
      },
    );
    items.push(...page.Items);
    start = page.LastEvaluatedKey;
  } while (start);
  return items;
};

type Attributes = Readonly<Record<string, string>>;

const attributesOf = async (
  call: Aws,
  QueueUrl: string,
): Promise<Attributes> => {
  const { Attributes: found } = await call<{ Attributes: Attributes }>(
    "sqs",
    "AmazonSQS.GetQueueAttributes",
    { QueueUrl, AttributeNames: ["All"] },
  );
  return found;
};

/** Messages that wait in a queue; they stay there. */
export const waiting = async (call: Aws, QueueUrl: string): Promise<number> =>
  Number((await attributesOf(call, QueueUrl)).ApproximateNumberOfMessages);

/** Whether nothing waits in the queue or is being worked on. */
export const isEmpty = async (
  call: Aws,
  QueueUrl: string,
): Promise<boolean> => {
  const found = await attributesOf(call, QueueUrl);
  return [
    found.ApproximateNumberOfMessages,
    found.ApproximateNumberOfMessagesNotVisible,
    found.ApproximateNumberOfMessagesDelayed,
  ].every((count) => Number(count ?? 0) === 0);
};

/** What its consumer has failed at comes again after so many seconds, until `work` is done. */
export const whileRepeatedAfter = async <T>(
  call: Aws,
  { queue: QueueUrl, seconds }: { queue: string; seconds: number },
  work: () => Promise<T>,
): Promise<T> => {
  const { VisibilityTimeout } = await attributesOf(call, QueueUrl);
  const set = (timeout: string | undefined) =>
    call("sqs", "AmazonSQS.SetQueueAttributes", {
      QueueUrl,
      Attributes: { VisibilityTimeout: timeout },
    });
  await set(String(seconds));
  try {
    return await work();
  } finally {
    await set(VisibilityTimeout);
  }
};
