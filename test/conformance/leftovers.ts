import { existsSync, readFileSync, rmSync } from "node:fs";
import { stopGroup } from "../../local/system/children.ts";
import { emulatorProcess } from "./places.ts";

/** Ends the emulator after the last test, and one that an interrupted run left behind before the first. */
export const setup = async () => {
  await endEmulator();
  return endEmulator;
};

const endEmulator = async () => {
  if (!existsSync(emulatorProcess)) return;
  await stopGroup(Number(readFileSync(emulatorProcess, "utf8")));
  rmSync(emulatorProcess, { force: true });
};
