import type {
  Bundle,
  Parameters,
  Patient,
  Subscription,
} from "@medplum/fhirtypes";
import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../local/until.ts";
import { contentUrl, idOnly } from "../../functions/core/subscription.ts";
import { theWorld, type World } from "./world.ts";

interface Heard {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The emulator speaks plain HTTP for https addresses of this machine; certificates are another test's. */
const heard: Heard[] = [];
const receiver = createServer((request, response) => {
  let body = "";
  request.on("data", (part: Buffer) => (body += part.toString()));
  request.on("end", () => {
    const { url: path = "", headers } = request;
    heard.push({ path, headers, body });
    const isHandshake = headers["x-sojourn-event"] === "handshake";
    if (path === "/slow" && !isHandshake) return;
    response.statusCode = path === "/gone" && !isHandshake ? 410 : 204;
    response.end();
  });
});

let world: World;
beforeAll(async () => {
  world = await theWorld();
  await new Promise<void>((done) => receiver.listen(0, "127.0.0.1", done));
});
afterAll(() => {
  receiver.closeAllConnections();
  receiver.close();
});

const aSubscription = (path: string, more: object = {}) => ({
  resourceType: "Subscription",
  status: "requested",
  reason: "test",
  criteria: "Patient?active=true",
  channel: {
    type: "rest-hook",
    endpoint: `https://127.0.0.1:${String((receiver.address() as AddressInfo).port)}${path}`,
    payload: idOnly,
    _payload: { extension: [{ url: contentUrl, valueCode: "id-only" }] },
  },
  ...more,
});

type Kept = Subscription & { readonly id: string };

const make = <T>(resource: { readonly resourceType: string }) =>
  world.fhir.expect<T>({
    method: "POST",
    path: resource.resourceType,
    body: resource,
  });
const reaches = (id: string, status: Subscription["status"]) =>
  until(`Subscription/${id} to be ${status}`, async () => {
    const one = await world.fhir.expect<Kept>({ path: `Subscription/${id}` });
    return one.status === status ? one : undefined;
  });
const announced = (path: string, id: string) =>
  heard.find(
    (one) => one.path === path && one.body.includes(`"Patient/${id}"`),
  );
const aPatient = () =>
  make<Patient & { id: string }>({
    resourceType: "Patient",
    ...{ active: true, name: [{ family: "Quixworth" }] },
  });

describe("a subscription of the clinic's record system", () => {
  it("is told, signed and without the patient's data, also while another endpoint hangs", async () => {
    const slow = await make<Kept>(aSubscription("/slow"));
    const off = await make<Kept>(aSubscription("/hook", { status: "off" }));
    const { parameter } = await world.fhir.expect<Parameters>({
      path: `Subscription/${off.id}/$signing-secret`,
    });
    const secret = parameter?.[0]?.valueString ?? "";
    await world.fhir.expect({
      method: "PUT",
      path: `Subscription/${off.id}`,
      body: { ...off, status: "requested" },
    });
    await reaches(slow.id, "active");
    await reaches(off.id, "active");
    const { id } = await aPatient();
    const { headers, body } = await until("the notification", () =>
      announced("/hook", id),
    );
    expect((JSON.parse(body) as Bundle).type).toBe("history");
    expect(JSON.stringify(heard)).not.toContain("Quixworth");
    const [, seconds = "", hex] =
      /^t=(\d+),v1=(\w+)$/.exec(String(headers["x-sojourn-signature"])) ?? [];
    expect(hex).toBe(
      createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex"),
    );
    await world.fhir.request({
      method: "DELETE",
      path: `Subscription/${slow.id}`,
    });
  });

  it("ends when its endpoint wants no more", async () => {
    const { id } = await make<Kept>(aSubscription("/gone"));
    await reaches(id, "active");
    await aPatient();
    expect(await reaches(id, "off")).not.toHaveProperty("error");
  });

  it("never goes to the metadata service", async () => {
    const asked = aSubscription("/");
    const endpoint = "https://169.254.169.254/latest";
    const { id } = await make<Kept>(
      Object.assign(asked, { channel: { ...asked.channel, endpoint } }),
    );
    expect((await reaches(id, "error")).error).toContain("may not go to");
  });
});
