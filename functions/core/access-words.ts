import type { Basis } from "./disclosure.ts";

/** Plain words for patients, about a sixth-grade reading level. */
export const languages = ["en", "es"] as const;
export type Language = (typeof languages)[number];
type Words = Readonly<Record<Language, string>>;

/** The first language of an Accept-Language header that we speak; English otherwise. */
export const languageOf = (accepted: string | undefined): Language =>
  (accepted ?? "")
    .split(",")
    .map((part) => {
      const [range = "", weight = ""] = part.split(";");
      const quality = /^\s*q=([\d.]+)\s*$/.exec(weight)?.[1] ?? "1";
      return {
        language: languages.find(
          (one) => range.trim().toLowerCase().split("-")[0] === one,
        ),
        quality: Number(quality),
      };
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((one, other) => other.quality - one.quality)
    .find(({ language }) => language !== undefined)?.language ?? "en";

const words = (en: string, es: string): Words => ({ en, es });

const types: Readonly<Record<string, Words>> = {
  Account: words("account", "cuenta"),
  AllergyIntolerance: words("allergies", "alergias"),
  Appointment: words("appointments", "citas"),
  AuditEvent: words(
    "list of who saw the record",
    "lista de quién vio el expediente",
  ),
  Binary: words("files", "archivos"),
  CarePlan: words("care plans", "planes de atención"),
  CareTeam: words("care team", "equipo de atención"),
  Claim: words("insurance claims", "reclamaciones al seguro"),
  ClaimResponse: words("insurance answers", "respuestas del seguro"),
  Communication: words("messages", "mensajes"),
  CommunicationRequest: words("planned messages", "mensajes previstos"),
  Condition: words("health problems", "problemas de salud"),
  Consent: words(
    "choices about sharing and contact",
    "decisiones sobre el uso de datos y el contacto",
  ),
  Coverage: words("insurance", "seguro"),
  CoverageEligibilityRequest: words("insurance checks", "consultas al seguro"),
  CoverageEligibilityResponse: words("insurance checks", "consultas al seguro"),
  DetectedIssue: words("safety warnings", "avisos de seguridad"),
  Disclosure: words(
    "list of who got the data",
    "lista de quién recibió los datos",
  ),
  DocumentReference: words("documents", "documentos"),
  EmergencyAccess: words(
    "the closed parts of the record",
    "las partes cerradas del expediente",
  ),
  Encounter: words("visits", "visitas"),
  Erasure: words("erasure of the record", "eliminación del expediente"),
  Export: words("copy of the record", "copia del expediente"),
  ExplanationOfBenefit: words("insurance statements", "informes del seguro"),
  Goal: words("goals", "objetivos"),
  Immunization: words("vaccines", "vacunas"),
  Invoice: words("bills", "facturas"),
  LegalHold: words(
    "duty to keep the record",
    "obligación de conservar el expediente",
  ),
  MeasureReport: words("quality reports", "informes de calidad"),
  MedicationRequest: words("prescriptions", "recetas"),
  MedicationStatement: words("medicines", "medicamentos"),
  Observation: words(
    "test results and measurements",
    "resultados de pruebas y mediciones",
  ),
  Patient: words(
    "name, address and contact details",
    "nombre, dirección y datos de contacto",
  ),
  PaymentNotice: words("payments", "pagos"),
  Procedure: words("procedures", "procedimientos"),
  Provenance: words("where data came from", "origen de los datos"),
  QuestionnaireResponse: words(
    "answers to questions",
    "respuestas a cuestionarios",
  ),
  RelatedPerson: words("family and helpers", "familia y ayudantes"),
  RequestGroup: words("planned care", "atención prevista"),
  RiskAssessment: words("risk assessments", "evaluaciones de riesgo"),
  ServiceRequest: words("orders and referrals", "órdenes y derivaciones"),
  Session: words("sign-ins", "inicios de sesión"),
  Slot: words("appointment times", "horarios de citas"),
  Task: words("tasks for staff", "tareas del personal"),
};

/** Each thing once, in the order of the words. */
export const thingsIn = (
  names: readonly string[],
  language: Language,
): readonly string[] =>
  [...new Set(names.map((name) => (types[name] ?? other)[language]))].toSorted(
    (one, two) => one.localeCompare(two, language),
  );

const other = words("other parts of the record", "otras partes del expediente");

const purposes: Readonly<Record<string, Words>> = {
  TREAT: words("for your care", "para su atención"),
  ETREAT: words(
    "for your care in an emergency",
    "para su atención en una emergencia",
  ),
  HPAYMT: words("for billing and insurance", "para la facturación y el seguro"),
  HOPERAT: words("to run the clinic", "para el funcionamiento de la clínica"),
  PATRQT: words("because you asked", "porque usted lo pidió"),
  HMARKT: words("for marketing", "para publicidad"),
  HRESCH: words("for research", "para investigación"),
  PUBHLTH: words("for public health", "para la salud pública"),
  HLEGAL: words("for a legal matter", "por un asunto legal"),
  THREAT: words("to prevent serious harm", "para evitar un daño grave"),
};

export const purposeWords = (purpose: string, language: Language): string =>
  (purposes[purpose] ?? words(purpose, purpose))[language];

const deeds = {
  saw: words("saw", "vio"),
  changed: words("changed", "cambió"),
  exported: words("took a copy of", "se llevó una copia de"),
  opened: words("opened in an emergency", "abrió en una emergencia"),
  closed: words("closed again", "volvió a cerrar"),
  disclosed: words("gave to somebody outside", "entregó a alguien de fuera"),
  managed: words("worked on", "trabajó en"),
} as const;
export type Deed = keyof typeof deeds;

export const deedWords = (deed: Deed, language: Language): string =>
  deeds[deed][language];

const actors = {
  self: words("You", "Usted"),
  patient: words("The patient", "El paciente"),
  proxy: words(
    "Somebody who acts for the patient",
    "Alguien que actúa por el paciente",
  ),
  staff: words("A member of staff", "Una persona del personal"),
  client: words("A connected system", "Un sistema conectado"),
  system: words("The clinic's own software", "El programa de la clínica"),
} as const;

export const actorWords = (
  actor: keyof typeof actors,
  language: Language,
): string => actors[actor][language];

const grounds: Readonly<Record<Basis, Words>> = {
  operations: words(
    "care, payment or running the clinic",
    "atención, pago o funcionamiento de la clínica",
  ),
  individual: words("it went to you", "se le entregó a usted"),
  incidental: words("it could not be avoided", "no se pudo evitar"),
  authorization: words("you authorized it", "usted lo autorizó"),
  "involved-in-care": words(
    "somebody involved in your care",
    "alguien que participa en su atención",
  ),
  "national-security": words("national security", "seguridad nacional"),
  custody: words("you were in custody", "usted estaba bajo custodia"),
  "limited-data-set": words("without names", "sin nombres"),
  "required-by-law": words("the law requires it", "la ley lo exige"),
  "public-health": words("public health", "salud pública"),
  "abuse-or-neglect": words(
    "report of abuse or neglect",
    "aviso de abuso o negligencia",
  ),
  oversight: words("health oversight", "supervisión de la atención médica"),
  judicial: words("a court or tribunal", "un tribunal"),
  "law-enforcement": words("law enforcement", "las autoridades policiales"),
  decedent: words("after a death", "tras un fallecimiento"),
  donation: words("organ or tissue donation", "donación de órganos o tejidos"),
  research: words("research", "investigación"),
  "serious-threat": words(
    "a serious threat to somebody",
    "un peligro grave para alguien",
  ),
  military: words("military or veterans", "fuerzas armadas o veteranos"),
  "workers-compensation": words(
    "workers' compensation",
    "indemnización laboral",
  ),
  "not-permitted": words("it should not have happened", "no debió ocurrir"),
};

export const groundWords = (basis: Basis, language: Language): string =>
  grounds[basis][language];
