import importX from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

const rooms = {
  "functions/core": ["functions/core", "functions/resources"],
  "functions/resources": ["functions/core", "functions/resources"],
  "functions/store": [
    "functions/core",
    "functions/resources",
    "functions/store",
  ],
  "functions/outbound": [
    "functions/core",
    "functions/resources",
    "functions/outbound",
  ],
  "functions/runtime": [
    "functions/core",
    "functions/resources",
    "functions/store",
    "functions/outbound",
    "functions/runtime",
  ],
  packs: ["packs", "functions/core"],
  workflows: ["workflows", "functions/core"],
  organizations: ["organizations", "functions/core"],
};
const sides = ["api", "tasks", "events"];
const notImported = ["simulator", "local", "test", "bench", "docs"];
const all = [
  "bin",
  "lib",
  "organizations",
  "functions",
  "workflows",
  "policies",
  "packs",
  ...notImported,
];

const zones = [
  ...Object.entries(rooms).map(([target, allowed]) => ({
    target: `./${target}`,
    from: ".",
    except: [...new Set([...allowed, "packs", "node_modules"])].map(
      (room) => `./${room}`,
    ),
    message: `${target} imports only ${allowed.join(", ")} and packs (design: imports point one way).`,
  })),
  ...sides.flatMap((side) =>
    sides
      .filter((other) => other !== side)
      .map((other) => ({
        target: `./functions/${side}`,
        from: `./functions/${other}`,
      })),
  ),
  ...["bin", "lib", "functions", "organizations", "workflows", "packs"].flatMap(
    (target) =>
      notImported.map((from) => ({
        target: `./${target}`,
        from: `./${from}`,
        message: "Nothing that is deployed imports this room.",
      })),
  ),
  { target: "./functions", from: "./lib" },
  ...["store", "outbound", "runtime", "tasks", "events"].map((room) => ({
    target: "./lib",
    from: `./functions/${room}`,
    message:
      "lib imports data only (routes, organizations, workflow metadata).",
  })),
];

export default tseslint.config(
  {
    ignores: [
      "cdk.out",
      ".local",
      "coverage",
      "functions/resources/definitions/*.generated.*",
      "node_modules",
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    files: all.map((room) => `${room}/**/*.ts`).concat("*.ts"),
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { "import-x": importX },
    settings: {
      "import-x/resolver": { node: { extensions: [".ts", ".js", ".json"] } },
    },
    rules: {
      "import-x/no-restricted-paths": ["error", { zones }],
      "import-x/no-default-export": "error",
      "import-x/no-cycle": ["error", { ignoreExternal: true }],
      "no-console": "error",
      // Objects of functions are made by factories here; nothing uses `this`.
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true },
      ],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true },
      ],
      "@typescript-eslint/consistent-type-definitions": ["error", "interface"],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", ignoreRestSiblings: true },
      ],
      "no-restricted-syntax": [
        "error",
        {
          selector: "TSEnumDeclaration",
          message: "A const object or a union.",
        },
        {
          selector:
            "ImportDeclaration[source.value='@aws-sdk/client-pinpoint'] ImportSpecifier[imported.name!=/^(PinpointClient|PinpointServiceException|SendMessagesCommand|SendMessages.*|.*Message|ChannelType)$/]",
          message: "Only SendMessages of Pinpoint lives on after 2026-10-30.",
        },
        {
          selector:
            "MemberExpression[object.name=/pinpoint/i][property.name=/^Cfn(Campaign|Segment|InAppTemplate|EmailTemplate|SmsTemplate|PushTemplate|EventStream|ApplicationSettings)$/]",
          message:
            "Pinpoint's campaigns, segments, templates and analytics were switched off on 2026-10-30.",
        },
      ],
    },
  },
  {
    files: [
      "simulator/cli.ts",
      "local/**/*.ts",
      "bench/**/*.ts",
      "lib/generate/**/*.ts",
      "test/e2e/**/*.ts",
    ],
    rules: { "no-console": "off" },
  },
  { files: ["*.config.ts"], rules: { "import-x/no-default-export": "off" } },
  { files: ["**/*.js"], ...tseslint.configs.disableTypeChecked },
);
