import { readdir, readFile } from "node:fs/promises";

const room = new URL("../workflows/", import.meta.url);

/** A file of `workflows/` and what its neighbour of the same name says about it. */
export interface JourneyFile {
  /** `pre-visit` */
  readonly name: string;
  /** Amazon States Language, with a `${Token}` wherever a task's ARN belongs. */
  readonly definition: string;
  /** One sentence for people. */
  readonly purpose: string;
  /** Facts on the organization's bus that start, move or end it; none where the API does. */
  readonly startsOn: readonly string[];
  readonly endsOn: readonly string[];
  /** What people notice when it fails, where that is not a patient who falls out of a journey. */
  readonly errorImpact?: string;
}

type Metadata = Omit<JourneyFile, "name" | "definition">;

/** Every `<journey>.asl.json` with the metadata that `<journey>.ts` exports. */
export const readJourneys = async (
  directory = room,
): Promise<readonly JourneyFile[]> => {
  const names = (await readdir(directory))
    .filter((file) => file.endsWith(".asl.json"))
    .map((file) => file.replace(/\.asl\.json$/, ""))
    .sort();
  return Promise.all(
    names.map(async (name) => ({
      name,
      definition: await readFile(
        new URL(`${name}.asl.json`, directory),
        "utf8",
      ),
      ...(await readMetadata(new URL(`${name}.ts`, directory))),
    })),
  );
};

const readMetadata = async (file: URL): Promise<Metadata> => {
  const module = (await import(file.href)) as Record<string, unknown>;
  const found = Object.values(module).find(isMetadata);
  if (found === undefined)
    throw new Error(
      `${file.pathname}: must export purpose, startsOn and endsOn of its journey`,
    );
  const { purpose, startsOn, endsOn, errorImpact } = found;
  return {
    purpose,
    startsOn,
    endsOn,
    ...(errorImpact !== undefined && { errorImpact }),
  };
};

const isMetadata = (value: unknown): value is Metadata =>
  typeof value === "object" &&
  value !== null &&
  "purpose" in value &&
  "startsOn" in value &&
  "endsOn" in value;

/** The tokens of a definition, each once: `SendMessage` for `${SendMessage}`. */
export const tokensOf = (definition: string): readonly string[] => [
  ...new Set(
    [...definition.matchAll(/\$\{([A-Za-z0-9]+)\}/g)].map(
      ([, token = ""]) => token,
    ),
  ),
];

/** `SendMessage` is `functions/tasks/send-message.ts`. */
export const taskOf = (token: string): string =>
  token.replace(/(?!^)([A-Z])/g, "-$1").toLowerCase();
