import type { Language } from "../messages/message-pack.ts";
import type { RequestKind } from "./rights-pack.ts";

/** What a request is called in a letter about it. */
export const requestNames: Readonly<
  Record<RequestKind, Readonly<Record<Language, string>>>
> = {
  access: {
    en: "your request for access to your record",
    es: "su solicitud de acceso a su expediente",
  },
  portability: {
    en: "your request for a copy of your record that other systems can read",
    es: "su solicitud de una copia de su expediente que otros sistemas puedan leer",
  },
  amendment: {
    en: "your request to amend your record",
    es: "su solicitud de corregir su expediente",
  },
  restriction: {
    en: "your request to restrict the use of your record",
    es: "su solicitud de limitar el uso de su expediente",
  },
  "confidential-communications": {
    en: "your request to be reached in another way",
    es: "su solicitud de que nos comuniquemos con usted de otra forma",
  },
  accounting: {
    en: "your request to know to whom your record was disclosed",
    es: "su solicitud de saber a quién se divulgó su expediente",
  },
  erasure: {
    en: "your request to erase your record",
    es: "su solicitud de borrar su expediente",
  },
};

export type LetterName =
  | "acknowledged"
  | "extended"
  | "copied"
  | "fulfilled"
  | "denied"
  | "amendment-denied"
  | "restricted"
  | "erasing";

/**
 * Letters about requests; a qualified human translator has still to review the Spanish (45 CFR 92.201(c)(3)). A denial has
 * what 45 CFR 164.524(d)(2) and 164.526(d)(1) ask for.
 */
export const letters: Readonly<
  Record<LetterName, Readonly<Record<Language, readonly string[]>>>
> = {
  acknowledged: {
    en: ["We have received {request}. We will answer by {due}."],
    es: ["Hemos recibido {request}. Responderemos a más tardar el {due}."],
  },
  extended: {
    en: [
      "We need more time for {request}: {reason} We will answer by {due}, and cannot put it off again.",
    ],
    es: [
      "Necesitamos más tiempo para {request}: {reason} Responderemos a más tardar el {due} y no podremos aplazarlo de nuevo.",
    ],
  },
  copied: {
    en: [
      "The answer to {request} is ready. You will find the files in the portal under Privacy.",
    ],
    es: [
      "La respuesta a {request} está lista. Encontrará los archivos en el portal, en Privacidad.",
    ],
  },
  fulfilled: {
    en: ["We have granted {request}, and carried it out."],
    es: ["Hemos aceptado {request} y la hemos llevado a cabo."],
  },
  denied: {
    en: ["We have denied {request}. The reason: {reason}"],
    es: ["Hemos denegado {request}. El motivo: {reason}"],
  },
  "amendment-denied": {
    en: [
      "We have denied {request}. The reason: {reason}",
      "You may send us a written statement of why you disagree; it stays with your record. Otherwise you may ask that your request and this letter go along whenever we disclose that information.",
    ],
    es: [
      "Hemos denegado {request}. El motivo: {reason}",
      "Puede enviarnos una declaración por escrito de por qué no está de acuerdo; quedará en su expediente. Si no, puede pedir que su solicitud y esta carta acompañen toda divulgación de esa información.",
    ],
  },
  restricted: {
    en: [
      "We may not erase your record: {reason} Until we may, we restrict its use to what the law requires.",
    ],
    es: [
      "No podemos borrar su expediente: {reason} Mientras tanto, limitamos su uso a lo que exige la ley.",
    ],
  },
  erasing: {
    en: [
      "We have granted {request}. From today nobody can read it, and what is left of it in backups ends within the days that we keep keys. This is the last message in your portal. For the certificate, call {phone}.",
    ],
    es: [
      "Hemos aceptado {request}. Desde hoy nadie puede leerlo, y lo que queda en copias de seguridad termina en los días en que guardamos las claves. Este es el último mensaje en su portal. Para el certificado, llame al {phone}.",
    ],
  },
};

export const reviewLine: Readonly<Record<Language, string>> = {
  en: "You may ask that another licensed professional, who had no part in this, review it.",
  es: "Puede pedir que lo revise otro profesional con licencia que no haya intervenido.",
};

/** To whom one complains, by jurisdiction. */
export const complaintLines: readonly {
  readonly jurisdictions: readonly string[];
  readonly texts: Readonly<Record<Language, string>>;
}[] = [
  {
    jurisdictions: ["us-hipaa"],
    texts: {
      en: "You may complain to us ({phone}) or to the U.S. Department of Health and Human Services, Office for Civil Rights (hhs.gov/ocr/complaints). Nobody may treat you worse because of it.",
      es: "Puede presentar una queja ante nosotros ({phone}) o ante el Departamento de Salud y Servicios Humanos de EE. UU., Oficina de Derechos Civiles (hhs.gov/ocr/complaints). Nadie puede tratarle peor por ello.",
    },
  },
  {
    jurisdictions: ["eu-gdpr"],
    texts: {
      en: "You may complain to your data protection authority, and go to court.",
      es: "Puede reclamar ante su autoridad de protección de datos y acudir a los tribunales.",
    },
  },
];

export const delayTexts: Readonly<
  Record<string, Readonly<Record<Language, string>>>
> = {
  complex: {
    en: "it takes more work than usual.",
    es: "requiere más trabajo de lo habitual.",
  },
  "many-requests": {
    en: "you have made several requests.",
    es: "usted ha hecho varias solicitudes.",
  },
  "off-site": {
    en: "what you ask for is kept at another place.",
    es: "lo que solicita se guarda en otro lugar.",
  },
  "awaiting-others": {
    en: "we wait for information from others.",
    es: "esperamos información de otros.",
  },
};
