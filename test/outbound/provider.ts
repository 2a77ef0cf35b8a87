import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface Request {
  readonly path: string;
  readonly body: unknown;
}

export type Answer =
  | "hang up"
  | "say nothing"
  | { readonly status: number; readonly body: unknown };

/** A provider's endpoint that answers as it is told, and remembers what it was asked. */
export const provider = async (answer: (request: Request) => Answer) => {
  const requests: Request[] = [];
  const silent: ServerResponse[] = [];
  const server = createServer((incoming, response) => {
    void (async () => {
      const request = {
        path: incoming.url ?? "",
        body: JSON.parse(await text(incoming)) as unknown,
      };
      requests.push(request);
      const given = answer(request);
      if (given === "hang up") incoming.socket.destroy();
      else if (given === "say nothing") silent.push(response);
      else
        response
          .writeHead(given.status, {
            "content-type": "application/x-amz-json-1.0",
          })
          .end(JSON.stringify(given.body));
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    requests,
    close: async () => {
      for (const response of silent) response.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

/** What the SDK's clients read. */
export const environment = (service: string, url: string): void => {
  process.env.AWS_REGION = "us-east-1";
  process.env.AWS_ACCESS_KEY_ID = "test";
  process.env.AWS_SECRET_ACCESS_KEY = "test";
  process.env[`AWS_ENDPOINT_URL_${service}`] = url;
};
