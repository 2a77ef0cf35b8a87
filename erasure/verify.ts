import { verifyCertificate } from "./verify-certificate.ts";

process.exitCode = verifyCertificate(process.argv.slice(2), (text) =>
  console.log(text),
);
