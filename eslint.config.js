import tseslint from "typescript-eslint";

/** Which of our own rooms a room may import from; a room not named here may import from every room that is deployed. */
const imports = {
  "functions/core": ["core", "resources", "packs"],
  "functions/resources": ["core", "resources"],
  "functions/store": ["core", "resources", "store"],
  "functions/outbound": ["core", "resources", "outbound"],
  "functions/runtime": ["core", "resources", "store", "outbound", "runtime"],
  "functions/api": [
    "core",
    "resources",
    "store",
    "outbound",
    "runtime",
    "api",
    "packs",
  ],
  "functions/tasks": [
    "core",
    "resources",
    "store",
    "outbound",
    "runtime",
    "tasks",
    "packs",
    "workflows",
  ],
  "functions/events": [
    "core",
    "resources",
    "store",
    "outbound",
    "runtime",
    "events",
    "packs",
    "workflows",
  ],
  packs: ["packs", "core"],
  workflows: ["workflows", "core"],
  organizations: ["organizations", "core"],
  lib: ["lib", "core", "api/routes", "organizations", "workflows", "resources"],
  bin: ["lib"],
};
const rooms = [
  ...[
    "api",
    "core",
    "events",
    "outbound",
    "resources",
    "runtime",
    "store",
    "tasks",
  ],
  ...[
    "audit",
    "erasure",
    "bench",
    "bin",
    "docs",
    "lib",
    "local",
    "organizations",
    "packs",
    "simulator",
    "test",
    "workflows",
  ],
];

/** A relative import that climbs out of its room names the room it enters. */
const restricted = (room, allowed) => ({
  files: [`${room}/**/*.ts`],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          {
            regex: `^(\\.\\./)+(functions/)?(?!${allowed.map((name) => `${name}[/.]`).join("|")})(${rooms.join("|")})/`,
            message: `${room} imports only from ${allowed.join(", ")}: imports point one way.`,
          },
          {
            group: ["zod/v3", "zod/v4"],
            message: 'Import * as z from "zod".',
          },
        ],
      },
    ],
  },
});

export default tseslint.config(
  {
    ignores: [
      "cdk.out",
      ".local",
      "coverage",
      "functions/resources/definitions/*.generated.*",
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    files: ["**/*.ts"],
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
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
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/no-unused-vars": [
        "error",
        {
          argsIgnorePattern: "^_",
          varsIgnorePattern: "^_",
          ignoreRestSiblings: true,
        },
      ],
      "no-restricted-exports": [
        "error",
        { restrictDefaultExports: { direct: true, named: true } },
      ],
      "no-restricted-syntax": [
        "error",
        {
          selector: "TSEnumDeclaration",
          message: "A const object or a union.",
        },
        {
          selector:
            "ImportDeclaration[source.value='zod'][importKind='value'] > ImportSpecifier",
          message:
            'Import * as z from "zod": the named import keeps all of zod in every bundle.',
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
  ...Object.entries(imports).map(([room, allowed]) =>
    restricted(room, allowed),
  ),
  {
    files: [
      "simulator/cli.ts",
      "local/**/*.ts",
      "audit/**/*.ts",
      "erasure/**/*.ts",
      "bench/**/*.ts",
      "docs/**/*.ts",
      "test/e2e/**/*.ts",
      "functions/resources/definitions/generate.ts",
    ],
    rules: { "no-console": "off" },
  },
  { files: ["*.config.ts"], rules: { "no-restricted-exports": "off" } },
  {
    files: ["**/*.js"],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: { parserOptions: { projectService: false } },
  },
);
