import type { Ground } from "./ground-codes.ts";

/** Reasons for which a right may be denied, as the patient reads them. */
export const grounds: Readonly<
  Record<Ground, { readonly en: string; readonly es: string }>
> = {
  "identity-not-verified": {
    en: "We could not verify who asked.",
    es: "No pudimos verificar la identidad de quien hizo la solicitud.",
  },
  "psychotherapy-notes": {
    en: "What was asked for are psychotherapy notes.",
    es: "Lo solicitado son notas de psicoterapia.",
  },
  "legal-proceedings": {
    en: "What was asked for was prepared for legal proceedings.",
    es: "Lo solicitado se preparó para un procedimiento legal.",
  },
  "correctional-safety": {
    en: "A copy would put safety in a correctional institution at risk.",
    es: "Una copia pondría en riesgo la seguridad en un centro penitenciario.",
  },
  "research-in-progress": {
    en: "You agreed that access is suspended while the research lasts.",
    es: "Usted aceptó que el acceso quede suspendido mientras dure la investigación.",
  },
  "confidential-source": {
    en: "Somebody else told us this under a promise of confidentiality.",
    es: "Otra persona nos lo comunicó bajo promesa de confidencialidad.",
  },
  "endangers-life": {
    en: "A licensed professional judged that access may endanger life or physical safety.",
    es: "Un profesional con licencia consideró que el acceso puede poner en peligro la vida o la integridad física.",
  },
  "harms-other-person": {
    en: "A licensed professional judged that access may cause substantial harm to another person it mentions.",
    es: "Un profesional con licencia consideró que el acceso puede causar un daño considerable a otra persona mencionada.",
  },
  "harms-by-representative": {
    en: "A licensed professional judged that access by a representative may cause substantial harm.",
    es: "Un profesional con licencia consideró que el acceso de un representante puede causar un daño considerable.",
  },
  "rights-of-others": {
    en: "It would adversely affect the rights and freedoms of others.",
    es: "Afectaría negativamente a los derechos y libertades de otras personas.",
  },
  "unfounded-or-excessive": {
    en: "The request is manifestly unfounded or excessive.",
    es: "La solicitud es manifiestamente infundada o excesiva.",
  },
  "not-created-here": {
    en: "We did not create this information, and whoever did can still change it.",
    es: "Nosotros no creamos esta información, y quien la creó aún puede cambiarla.",
  },
  "not-part-of-record": {
    en: "The information is not part of your record with us.",
    es: "La información no forma parte de su expediente con nosotros.",
  },
  "not-accessible": {
    en: "The information is not open to your access by law.",
    es: "Por ley, usted no tiene acceso a esta información.",
  },
  "accurate-and-complete": {
    en: "The information is accurate and complete.",
    es: "La información es exacta y está completa.",
  },
  "not-agreed": {
    en: "We are not required to agree to this restriction, and cannot keep it.",
    es: "No estamos obligados a aceptar esta restricción y no podemos cumplirla.",
  },
  "not-paid-in-full": {
    en: "The care was not paid for in full out of pocket.",
    es: "La atención no fue pagada en su totalidad por cuenta propia.",
  },
  "required-by-law": {
    en: "A law requires the opposite.",
    es: "Una ley exige lo contrario.",
  },
  "article-18-not-met": {
    en: "None of the conditions under which processing is restricted is met.",
    es: "No se cumple ninguna de las condiciones para limitar el tratamiento.",
  },
  "no-alternative-given": {
    en: "You named no other address or way to reach you.",
    es: "No indicó otra dirección ni otra forma de comunicarnos con usted.",
  },
  "not-reasonable": {
    en: "We cannot reasonably reach you in the way you asked for.",
    es: "No es razonablemente posible comunicarnos con usted de la forma solicitada.",
  },
  "suspended-by-agency": {
    en: "An authority has asked in writing that the answer be suspended for a time.",
    es: "Una autoridad ha pedido por escrito suspender la respuesta durante un tiempo.",
  },
  "retention-duty": {
    en: "A law requires us to keep the record.",
    es: "Una ley nos exige conservar el expediente.",
  },
  "legal-hold": {
    en: "The record is under a legal hold.",
    es: "El expediente está sujeto a una retención legal.",
  },
  "legal-claims": {
    en: "The record is needed to establish, exercise or defend legal claims.",
    es: "El expediente es necesario para formular, ejercer o defender reclamaciones legales.",
  },
  "public-health": {
    en: "The record is needed for public health or for care under professional secrecy.",
    es: "El expediente es necesario por motivos de salud pública o para la asistencia bajo secreto profesional.",
  },
  "no-such-right": {
    en: "No law that applies here gives this right.",
    es: "Ninguna ley aplicable aquí concede este derecho.",
  },
};
