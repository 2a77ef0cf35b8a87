// Plain JavaScript for whatever Node the machine has: what follows it needs the Node that npm installs here.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const packagesOf = (path) =>
  existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).packages : {};

const wanted = packagesOf("package-lock.json");
const installed = packagesOf("node_modules/.package-lock.json");
const missing = Object.entries(wanted).some(
  ([path, { version, optional, devOptional }]) =>
    path !== "" &&
    installed[path]?.version !== version &&
    (installed[path] || !(optional || devOptional)),
);

if (missing) {
  console.log("Installing the npm packages that package-lock.json names");
  const { status } = spawnSync(
    "npm",
    ["ci", "--no-audit", "--no-fund", "--loglevel=error"],
    {
      stdio: "inherit",
      shell: process.platform === "win32",
    },
  );
  if (status !== 0) {
    console.error(
      "npm ci failed: what it printed above says why; npm start needs its packages.",
    );
    process.exit(status ?? 1);
  }
}
