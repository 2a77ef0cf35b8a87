import {
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
} from "node:crypto";
import { readFile } from "node:fs/promises";
import { ulids } from "../../functions/core/ids.ts";
import type { Role } from "../../functions/core/settings.ts";
import { accounts } from "../../local/system/accounts.ts";
import {
  claimsOf,
  renewed,
  type PoolKey,
  type SignIns,
} from "../api/matrix-tokens.ts";
import type { World } from "./world.ts";

/** Where MiniStack keeps the keys of its user pools (STATE_DIR, which nothing here sets). */
const poolKeys = "/tmp/ministack-state/cognito-pool-keys";

/** People who sign in at the emulator's Cognito, and its keys for the tokens that it would give them otherwise. */
export const signInsAt = async (
  { urls }: World,
  somebody: string,
): Promise<SignIns> => {
  // Who signs in anew is the same person.
  const id = ulids(Date.now, randomBytes)();
  const people = renewed(() =>
    accounts({ url: urls.emulator, slug: "demo", newId: () => id }),
  );
  const { patient, staff } = await people();
  const [ofPatients, ofStaff] = [await patient(somebody), await staff("nurse")];
  return {
    patient: async (id) => (await people()).patient(id),
    staff: async (role) => (await people()).staff(role as Role),
    clinic: async () => (await people()).clinic("ehr"),
    keys: {
      patients: await keyBehind(ofPatients),
      staff: await keyBehind(ofStaff),
    },
    forger: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
    anotherApp: "another-app",
  };
};

const keyBehind = async (token: string): Promise<PoolKey> => {
  const { kid } = JSON.parse(
    Buffer.from(token.split(".")[0] ?? "", "base64url").toString(),
  ) as { kid: string };
  const issuer = String(claimsOf(token).iss);
  const pool = issuer.split("/").at(-1) ?? "";
  return {
    issuer,
    kid,
    privateKey: createPrivateKey(
      await readFile(`${poolKeys}/${pool}-access.pem`, "utf8"),
    ),
  };
};
