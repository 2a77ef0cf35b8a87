import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { liveWebHook } from "../../functions/outbound/web-hook.ts";
import { selfSigned } from "./certificate.ts";

const host = "receiver.example";
const { key, cert } = selfSigned(host);
const loopback = ["127.0.0.0/8"];

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

const received: Received[] = [];
const server = createServer({ key, cert }, (request, response) => {
  const { method, url, headers } = request;
  let body = "";
  request.on("data", (part: Buffer) => (body += part.toString()));
  request.on("end", () => {
    received.push({ method, url, headers, body });
    if (url === "/silent") return;
    if (url === "/moved") response.setHeader("location", "/hook");
    response.statusCode = url === "/moved" ? 302 : url === "/gone" ? 410 : 204;
    response.end();
  });
});
const trusted = getCACertificates("default");

beforeAll(async () => {
  setDefaultCACertificates([...trusted, cert]);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});
afterAll(() => {
  setDefaultCACertificates(trusted);
  server.closeAllConnections();
  server.close();
});

const at = (path: string, name = host) =>
  `https://${name}:${String((server.address() as AddressInfo).port)}${path}`;
const request = (url: string) => ({
  url,
  headers: { "x-sojourn-notification": "n1" },
  body: '{"resourceType":"Bundle"}',
  tells: ["appointment"] as const,
});
const mayLearn = () => true;
const resolve = () => Promise.resolve(["127.0.0.1"]);

describe("a request to an endpoint", () => {
  const patient = { networks: loopback, mayLearn, resolve, patience: 60_000 };
  const hook = liveWebHook(patient);

  it("takes headers and body to the address that its name stands for, over TLS", async () => {
    expect(await hook.post(request(at("/hook?from=sojourn")))).toEqual({
      outcome: "answered",
      status: 204,
    });
    expect(received.splice(0)).toMatchObject([
      {
        method: "POST",
        url: "/hook?from=sojourn",
        headers: { "x-sojourn-notification": "n1", "content-length": "25" },
        body: '{"resourceType":"Bundle"}',
      },
    ]);
  });

  it("follows no redirect and hands on any answer", async () => {
    expect(await hook.post(request(at("/moved")))).toMatchObject({
      status: 302,
    });
    expect(await hook.post(request(at("/gone")))).toMatchObject({
      status: 410,
    });
    expect(received.splice(0)).toHaveLength(2);
  });

  it("does not wait for one that is silent", async () => {
    const impatient = liveWebHook({ ...patient, patience: 1_000 });
    expect(await impatient.post(request(at("/silent")))).toEqual({
      outcome: "failed",
      reason: "timeout",
    });
  });

  it("says what is wrong: certificate, name, connection", async () => {
    const reasons = async (url: string, addresses: readonly string[]) =>
      liveWebHook({
        ...patient,
        resolve: () => Promise.resolve(addresses),
      }).post(request(url));
    expect(await reasons(at("/hook", "other.example"), ["127.0.0.1"])).toEqual({
      outcome: "failed",
      reason: "tls",
    });
    expect(await reasons(at("/hook"), [])).toMatchObject({
      reason: "unresolved",
    });
    expect(await reasons(`https://${host}:1/`, ["127.0.0.1"])).toMatchObject({
      reason: "unreachable",
    });
    const unknown = liveWebHook({
      ...patient,
      resolve: () => Promise.reject(new Error("ENOTFOUND")),
    });
    expect(await unknown.post(request(at("/hook")))).toMatchObject({
      reason: "unresolved",
    });
  });
});

describe("an address that is not the public internet", () => {
  const reach = (
    addresses: readonly string[],
    networks: readonly string[] = [],
  ) =>
    liveWebHook({
      networks,
      mayLearn,
      resolve: () => Promise.resolve(addresses),
      patience: 60_000,
    }).post(request(`https://${host}:1/`));
  const forbidden = { outcome: "failed", reason: "forbidden-address" };

  it.each([
    ...["127.0.0.1", "10.1.2.3", "172.31.255.255", "192.168.0.1", "0.0.0.0"],
    ...["169.254.169.254", "169.254.170.2", "100.64.0.1", "255.255.255.255"],
    ...["::1", "::", "fe80::1", "fd00:ec2::254", "::ffff:169.254.169.254"],
    ...["64:ff9b::a9fe:a9fe", "2002:7f00:1::", "::ffff:7f00:1", "ff02::1"],
  ])("%s is never connected to", async (address) => {
    expect(await reach([address])).toEqual(forbidden);
  });

  it("spoils a name even beside a public one", async () => {
    expect(await reach(["93.184.215.14", "10.0.0.1"])).toEqual(forbidden);
  });

  it("is reached where the organization says so, and only there", async () => {
    expect(await reach(["127.0.0.1"], loopback)).toMatchObject({
      reason: "unreachable",
    });
    expect(await reach(["127.0.0.1", "10.0.0.1"], loopback)).toEqual(forbidden);
    expect(await reach(["::1"], ["::1/128"])).not.toEqual(forbidden);
  });

  it("stays forbidden in every spelling of IPv4 within IPv6", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("::ffff:", "::", "64:ff9b::"),
        fc.ipV4(),
        async (prefix, address) => {
          expect(await reach([`${prefix}${address}`])).toEqual(forbidden);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("is not even looked up for a scheme other than https", async () => {
    const hook = liveWebHook({ networks: loopback, mayLearn, resolve });
    expect(await hook.post(request("http://127.0.0.1/"))).toEqual(forbidden);
  });
});

describe("a host outside the organization's networks", () => {
  it("gets nothing unless an agreement binds whoever answers there", async () => {
    const asked: unknown[] = [];
    received.splice(0);
    const post = (
      mayGo: boolean,
      addresses: readonly string[],
      patience = 50,
    ) =>
      liveWebHook({
        networks: loopback,
        mayLearn: (name, tells) => {
          asked.push([name, tells]);
          return mayGo;
        },
        resolve: () => Promise.resolve(addresses),
        patience,
      }).post(request("https://Receiver.Example:1/hook"));
    const refused = { outcome: "failed", reason: "vendor-agreement" };
    const elsewhere = ["93.184.215.14"];
    expect(await post(false, elsewhere)).toEqual(refused);
    expect(await post(false, ["127.0.0.1", ...elsewhere])).toEqual(refused);
    expect(asked).toEqual([
      [host, ["appointment"]],
      [host, ["appointment"]],
    ]);
    expect(await post(true, elsewhere)).not.toEqual(refused);
    expect(await post(false, ["127.0.0.1"], 60_000)).toMatchObject({
      reason: "unreachable",
    });
    expect(received).toEqual([]);
  });
});
