import { complete } from "./run.ts";
import { terminal } from "./terminal.ts";

process.exitCode = await complete(process.argv.slice(2), terminal());
