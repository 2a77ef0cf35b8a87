import { createHash } from "node:crypto";
import type { Bundle } from "@medplum/fhirtypes";
import { describe, expect, it } from "vitest";
import type { Caller } from "../../functions/core/caller.ts";
import { privacyCopy } from "../../functions/tasks/privacy-copy.ts";
import { bySystem } from "../record.ts";
import { officer, privacyClinic } from "./privacy-clinic.ts";

interface Listed {
  readonly files: readonly {
    readonly name: string;
    readonly contentType: string;
  }[];
}

/** A record of this many notes of 100 KB, and files. */
const largeRecord = async (
  notes: number,
  files: number,
  options: Parameters<typeof privacyClinic>[0] = {},
) => {
  const stage = await privacyClinic(options);
  for (let index = 0; index < notes; index += 1)
    await stage.records.change(bySystem, (work) =>
      work.create({
        resourceType: "Observation",
        status: "final",
        code: { text: `note ${String(index)}` },
        subject: { reference: `Patient/${stage.patient}` },
        note: [
          {
            text: createHash("sha512")
              .update(String(index))
              .digest("hex")
              .repeat(800),
          },
        ],
      }),
    );
  const attached: string[] = [];
  for (let index = 0; index < files; index += 1) {
    const { id } = await stage.records.change(bySystem, (work) =>
      work.create({
        resourceType: "Binary",
        contentType: "application/pdf",
        securityContext: { reference: `Patient/${stage.patient}` },
        data: Buffer.from(`scan ${String(index)}`).toString("base64"),
      }),
    );
    attached.push(id);
  }
  const own = (): Caller =>
    ({
      ...stage.own,
      signedIn: { session: "own", at: stage.clock.now() },
    }) as Caller;
  const fetched = async (id: string) => {
    const path = `/v1/privacy-requests/${id}/result`;
    const { body } = await stage.ask<Listed>("GET", path, own());
    return Promise.all(
      body.files.map(async (file) => ({
        ...file,
        ...(await stage
          .ask("GET", `${path}/${file.name}`, own())
          .then(({ text, headers }) => ({
            text,
            type: headers["content-type"],
          }))),
      })),
    );
  };
  return { stage, attached, own, fetched };
};

describe("a copy", () => {
  it("has the files of the record, as they were when it was written", async () => {
    const { stage, attached, fetched } = await largeRecord(1, 2);
    const [first = ""] = attached;
    const id = await stage.request("access", {});
    await stage.end();
    await stage.records.change(bySystem, async (work) => {
      const { id: same, contentType } = await work.demand("Binary", first);
      await work.update({
        resourceType: "Binary",
        id: same,
        contentType,
        securityContext: { reference: `Patient/${stage.patient}` },
        data: Buffer.from("replaced").toString("base64"),
      });
    });
    const files = await fetched(id);
    expect(files.map(({ name }) => name)).toEqual([
      "index.html",
      "record-1.json",
      ...attached.map((one) => `Binary-${one}.pdf`),
    ]);
    expect(files.slice(2)).toMatchObject([
      {
        text: "scan 0",
        type: "application/pdf",
        contentType: "application/pdf",
      },
      { text: "scan 1" },
    ]);
    expect(files[0]?.text).toContain(`Binary-${first}.pdf`);
  });

  it("asked for again has none of the earlier copy's files", async () => {
    const { stage, fetched } = await largeRecord(1, 1);
    await stage.request("access", {});
    await stage.end();
    const again = await stage.request("portability", {});
    await stage.end();
    expect((await fetched(again)).map(({ name }) => name)).toHaveLength(3);
  });

  it("of a record that one run does not hold is written by several, and nothing of it twice", async () => {
    const { stage, attached, own, fetched } = await largeRecord(130, 3, {
      copyLimits: { milliseconds: 60_000, bytes: 1 },
    });
    const id = await stage.request("access", {});
    expect(await stage.end()).toEqual(["SUCCEEDED"]);
    const runs = stage.logged.filter(({ fact }) => fact === "RecordCopied");
    expect(runs.length).toBeGreaterThan(2);
    const files = await fetched(id);
    expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
    const notes = files
      .filter(({ name }) => name.startsWith("record-"))
      .flatMap(({ text }) => (JSON.parse(text) as Bundle).entry ?? [])
      .flatMap(({ resource }) =>
        resource?.resourceType === "Observation" ? [resource.code.text] : [],
      );
    expect(notes.toSorted()).toEqual(
      Array.from(
        { length: 130 },
        (_, index) => `note ${String(index)}`,
      ).toSorted(),
    );
    expect(files.map(({ name }) => name)).toEqual(
      expect.arrayContaining(attached.map((one) => `Binary-${one}.pdf`)),
    );
    expect(Math.max(...files.map(({ text }) => text.length))).toBeLessThan(
      4_400_000,
    );
    const { output = [] } = await stage.look(id);
    expect(output.map(({ type }) => type.text)).not.toContain("copy-cursor");
    expect(JSON.stringify(stage.inputs)).not.toMatch(/canary/iu);
    expect(
      (await stage.ask("GET", `/v1/privacy-requests/${id}/result`, officer()))
        .status,
    ).toBe(403);
    expect(own().kind).toBe("patient");
  });

  it("is written once, also when two tries of a run are under way", async () => {
    const { stage, fetched } = await largeRecord(100, 0, {
      failing: ["PrivacyCopy"],
    });
    const id = await stage.request("access", {});
    await stage.end();
    const run = privacyCopy(stage.deps, { milliseconds: 60_000, bytes: 1 });
    const input = {
      execution: "e",
      patient: stage.patient,
      request: id,
      now: new Date(stage.clock.now()).toISOString(),
    };
    const twice = () =>
      Promise.all([1, 2].map(() => run(input, {}))) as Promise<
        { isMore: boolean }[]
      >;
    expect(await twice()).toEqual([{ isMore: true }, { isMore: true }]);
    for (let more = true; more;)
      more = (await twice()).every(({ isMore }) => isMore);
    const files = await fetched(id);
    const notes = files.flatMap(({ text }) =>
      Array.from(text.matchAll(/"text":"(note \d+)"/gu), ([, note]) => note),
    );
    expect(notes).toHaveLength(100);
    expect(new Set(notes).size).toBe(100);
    expect(await run(input, {})).toEqual({ isMore: false });
  });

  it("says that nothing is charged for it", async () => {
    const { stage } = await largeRecord(0, 0);
    await stage.request("access", {});
    await stage.end();
    expect((await stage.letters())[0]).toContain(
      "We charge nothing for it, though the law allows a fee for its cost.",
    );
    const european = await privacyClinic({ jurisdictions: ["eu-gdpr"] });
    await european.request("access", {});
    await european.end();
    expect((await european.letters())[0]).toContain("It is free of charge.");
  });
});
