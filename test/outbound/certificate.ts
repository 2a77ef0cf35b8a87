import { generateKeyPairSync, sign } from "node:crypto";

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const { length } = body;
  const head =
    length < 128
      ? [tag, length]
      : length < 256
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), body]);
};

const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
const oid = (hex: string) => der(0x06, Buffer.from(hex, "hex"));
const integer = (value: number) => der(0x02, Buffer.of(value));
const time = (at: Date) =>
  der(0x18, Buffer.from(at.toISOString().replaceAll(/[-:T]|\.\d+/g, "")));
const extension = (id: string, value: Buffer) =>
  sequence(oid(id), der(0x04, value));

/** A certificate that signs itself, for one host name, valid for a day around now (X.509 v3, ECDSA with SHA-256). */
export const selfSigned = (
  host: string,
): { readonly key: string; readonly cert: string } => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
  });
  const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));
  const name = sequence(
    der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from(host)))),
  );
  const day = 86_400_000;
  const body = sequence(
    der(0xa0, integer(2)),
    integer(1),
    ecdsaWithSha256,
    name,
    sequence(
      time(new Date(Date.now() - day)),
      time(new Date(Date.now() + day)),
    ),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(
      0xa3,
      sequence(
        extension("551d11", sequence(der(0x82, Buffer.from(host)))),
        extension("551d13", sequence(der(0x01, Buffer.of(255)))),
      ),
    ),
  );
  const signature = sign("sha256", body, privateKey);
  const whole = sequence(
    body,
    ecdsaWithSha256,
    der(0x03, Buffer.of(0), signature),
  );
  return {
    key: String(privateKey.export({ type: "pkcs8", format: "pem" })),
    cert: `-----BEGIN CERTIFICATE-----\n${whole.toString("base64").replaceAll(/(.{64})/g, "$1\n")}\n-----END CERTIFICATE-----\n`,
  };
};
