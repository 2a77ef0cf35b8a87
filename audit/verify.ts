import { verify } from "./run.ts";
import { terminal } from "./terminal.ts";

process.exitCode = await verify(process.argv.slice(2), terminal());
