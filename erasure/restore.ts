import { runRestore } from "./run-restore.ts";

process.exitCode = await runRestore(process.argv.slice(2), (text) =>
  console.log(text),
);
