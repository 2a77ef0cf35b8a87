/** Of the software, as the FHIR server states it; the version is package.json's. */
export const release = { version: "0.1.0", date: "2026-11-22" } as const;
