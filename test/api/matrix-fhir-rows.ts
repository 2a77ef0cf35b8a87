import {
  aResource,
  classes,
  classNames,
  type ClassName,
} from "./matrix-classes.ts";
import { json } from "./matrix-clinic.ts";
import type { Need, Verb } from "./matrix-rules.ts";
import type { Asking, Row, Rows } from "./matrix-rows.ts";

/** Nobody's version: who may write is told so instead of writing. */
const stale = { "if-match": 'W/"999"' };
export const missed = [412] as const;

const form = { "content-type": "application/x-www-form-urlencoded" };
const patched = { ...stale, "content-type": "application/json-patch+json" };
const change = [{ op: "add", path: "/language", value: "en" }];

const without = (...left: readonly ClassName[]): readonly ClassName[] =>
  classNames.filter((name) => !left.includes(name));
const plain = classNames.filter((name) => classes[name].label === undefined);
const few = ["Observation", "Claim", "Practitioner"] as const;

const each = (
  names: readonly ClassName[],
  row: (name: ClassName) => Row,
): readonly Row[] => names.map(row);

const need = (name: ClassName, ...verbs: readonly Verb[]): readonly Need[] =>
  verbs.map((verb) => [verb, name] as const);

export const at = (name: ClassName, { target }: Asking): string =>
  `/fhir/R4/${classes[name].type}/${target.ids[name]}`;
const all = (name: ClassName): string => `/fhir/R4/${classes[name].type}`;

/** As somebody writes it who does not know what it says. */
const body = (name: ClassName, { target }: Asking, id?: string): object => ({
  ...aResource(name, "Unknowing", target.patient),
  ...(id !== undefined && { id }),
});
const known = (name: ClassName, asking: Asking): object =>
  body(name, asking, asking.target.ids[name]);

const criteria = (name: ClassName, { target }: Asking): string =>
  classes[name].place !== "record" || name === "Patient" || name === "Binary"
    ? `_id=${target.ids[name]}`
    : `patient=Patient/${target.patient}`;

/** A Binary's bytes are in no list. */
const listed = (name: ClassName): Pick<Row, "shows"> =>
  name === "Binary" ? {} : { shows: name };

const inRecord = [
  "Observation",
  "Claim",
  "Consent",
  "restricted",
  "session",
] as const;

const transaction = (entry: readonly object[]): object => ({
  resourceType: "Bundle",
  type: "transaction",
  entry,
});

const read = (name: ClassName, path = ""): Row => ({
  needs: need(name, "read"),
  ask: (asking) => ({ path: `${at(name, asking)}${path}` }),
  proof: [200],
  ...(path === "" ? { shows: name } : listed(name)),
});

/** Reads, searches and writes of resources. */
export const fhirRows: Rows = {
  "POST /fhir/R4": [
    {
      needs: [...need("Patient", "read"), ...need("Observation", "read")],
      ask: (asking) => ({
        path: "/fhir/R4",
        body: transaction(
          (["Patient", "Observation"] as const).map((name) => ({
            request: {
              method: "GET",
              url: `${name}/${asking.target.ids[name]}`,
            },
          })),
        ),
      }),
      proof: [200],
      shows: "Observation",
    },
    {
      needs: need("Observation", "update"),
      ask: (asking) => ({
        path: "/fhir/R4",
        body: transaction([
          {
            resource: known("Observation", asking),
            request: {
              method: "PUT",
              url: `Observation/${asking.target.ids.Observation}`,
              ifMatch: stale["if-match"],
            },
          },
        ]),
      }),
      proof: missed,
    },
  ],
  "GET /fhir/R4/{type}": each(classNames, (name) => ({
    needs: need(name, "search"),
    ask: (asking) => ({ path: `${all(name)}?${criteria(name, asking)}` }),
    proof: [200],
    ...listed(name),
  })),
  "POST /fhir/R4/{type}/_search": each(classNames, (name) => ({
    needs: need(name, "search"),
    ask: (asking) => ({
      path: `${all(name)}/_search`,
      headers: form,
      body: criteria(name, asking),
    }),
    proof: [200],
    ...listed(name),
  })),
  "GET /fhir/R4/Patient/{id}/{type}": each(inRecord, (name) => ({
    needs: need(name, "search"),
    ask: (asking) => ({
      path: `${at("Patient", asking)}/${classes[name].type}`,
    }),
    proof: [200],
    shows: name,
  })),
  "POST /fhir/R4/Patient/{id}/{type}/_search": each(inRecord, (name) => ({
    needs: need(name, "search"),
    ask: (asking) => ({
      path: `${at("Patient", asking)}/${classes[name].type}/_search`,
      headers: form,
      body: "_count=20",
    }),
    proof: [200],
    shows: name,
  })),
  "POST /fhir/R4/{type}": each(
    plain.filter((name) => name !== "Binary" && name !== "Subscription"),
    (name) => ({
      needs: need(name, "create"),
      ask: (asking) => ({ path: all(name), body: body(name, asking) }),
      proof: [201],
    }),
  ),
  "GET /fhir/R4/{type}/{id}": each(without("Binary"), (name) => read(name)),
  "HEAD /fhir/R4/{type}/{id}": each(classNames, (name) => ({
    needs: need(name, "read"),
    ask: (asking) => ({ path: at(name, asking) }),
    proof: [200],
  })),
  "PUT /fhir/R4/{type}/{id}": each(
    without("Binary", "Subscription"),
    (name) => ({
      needs: need(name, "update"),
      ask: (asking) => ({
        path: at(name, asking),
        headers: stale,
        body: known(name, asking),
      }),
      proof: missed,
    }),
  ),
  "POST /fhir/R4/{type}/$validate": each(few, (name) => ({
    needs: [],
    ask: (asking) => ({
      path: `${all(name)}/$validate`,
      body: body(name, asking),
    }),
    proof: [200],
  })),
  "POST /fhir/R4/{type}/{id}/$validate": each(
    [...few, "restricted", "Group"],
    (name) => ({
      needs: need(name, "read"),
      ask: (asking) => ({
        path: `${at(name, asking)}/$validate`,
        body: known(name, asking),
      }),
      proof: [200],
    }),
  ),
  "PUT /fhir/R4/{type}": each(few, (name) => ({
    needs: need(name, "search", "update"),
    orElse: name,
    ask: (asking) => ({
      path: `${all(name)}?_id=${asking.target.ids[name]}`,
      headers: stale,
      body: body(name, asking),
    }),
    proof: missed,
  })),
  "PATCH /fhir/R4/{type}": each(few, (name) => ({
    needs: need(name, "search", "update"),
    ask: (asking) => ({
      path: `${all(name)}?_id=${asking.target.ids[name]}`,
      headers: patched,
      body: change,
    }),
    proof: missed,
  })),
  "PATCH /fhir/R4/{type}/{id}": each(classNames, (name) => ({
    needs: need(name, "read", "update"),
    ask: (asking) => ({
      path: at(name, asking),
      headers: patched,
      body: change,
    }),
    proof: missed,
  })),
  "DELETE /fhir/R4/{type}": each(few, (name) => ({
    needs: need(name, "search", "delete"),
    ask: (asking) => ({
      path: `${all(name)}?_id=${asking.target.ids[name]}`,
      headers: stale,
    }),
    proof: missed,
  })),
  "DELETE /fhir/R4/{type}/{id}": each(classNames, (name) => ({
    needs: need(name, "delete"),
    ask: (asking) => ({ path: at(name, asking), headers: stale }),
    // Patients are erased, never deleted.
    proof: name === "Patient" ? [422] : missed,
  })),
  "GET /fhir/R4/_history": [
    {
      needs: [],
      ask: () => ({ path: "/fhir/R4/_history?_count=5" }),
      proof: [200],
    },
  ],
  "GET /fhir/R4/{type}/_history": each(["Observation", "Group"], (name) => ({
    needs: [],
    // A patient is told the own record's, whatever the type.
    rule: (who) =>
      who.kind === "patient" ||
      (who.scopes ?? [["*", "s"]]).some(
        ([type, verbs]) =>
          (type === "*" || type === name) && verbs.includes("s"),
      )
        ? "allowed"
        : "refused",
    ask: () => ({ path: `${all(name)}/_history?_count=5` }),
    proof: [200],
  })),
  "GET /fhir/R4/{type}/{id}/_history": each(classNames, (name) =>
    read(name, "/_history"),
  ),
  "GET /fhir/R4/{type}/{id}/_history/{version}": each(classNames, (name) =>
    read(name, "/_history/1"),
  ),
  "POST /fhir/R4/Binary": [
    {
      needs: need("Binary", "create"),
      ask: (asking) => ({
        path: "/fhir/R4/Binary",
        headers: json,
        body: body("Binary", asking),
      }),
      proof: [201],
    },
  ],
  "GET /fhir/R4/Binary/{id}": [read("Binary")],
  "PUT /fhir/R4/Binary/{id}": [
    {
      needs: need("Binary", "update"),
      ask: (asking) => ({
        path: at("Binary", asking),
        headers: { ...stale, ...json },
        body: known("Binary", asking),
      }),
      proof: missed,
    },
  ],
  "POST /fhir/R4/Subscription": [
    {
      needs: need("Subscription", "create"),
      ask: (asking) => ({
        path: "/fhir/R4/Subscription",
        body: body("Subscription", asking),
      }),
      proof: [201],
    },
  ],
  "PUT /fhir/R4/Subscription/{id}": [
    {
      needs: need("Subscription", "update"),
      ask: (asking) => ({
        path: at("Subscription", asking),
        headers: stale,
        body: known("Subscription", asking),
      }),
      proof: missed,
    },
  ],
  "GET /fhir/R4/Subscription/{id}/$signing-secret": [
    {
      needs: need("Subscription", "read"),
      ask: (asking) => ({
        path: `${at("Subscription", asking)}/$signing-secret`,
      }),
      proof: [200],
    },
  ],
};
