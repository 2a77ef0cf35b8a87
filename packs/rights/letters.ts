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
  | "amended"
  | "denied"
  | "amendment-denied"
  | "upheld"
  | "withdrawn"
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
  amended: {
    en: [
      "We have granted {request}, and changed your record. To have somebody told of the change, call {phone}.",
    ],
    es: [
      "Hemos aceptado {request} y hemos cambiado su expediente. Para que informemos a alguien del cambio, llame al {phone}.",
    ],
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
  upheld: {
    en: [
      "Somebody who had no part in our decision has looked again at {request}. The denial stands. The reason: {reason}",
    ],
    es: [
      "Una persona que no intervino en nuestra decisión ha vuelto a examinar {request}. La denegación se mantiene. El motivo: {reason}",
    ],
  },
  withdrawn: {
    en: [
      "You have withdrawn {request}. We do nothing more about it. You may ask again at any time. If you did not withdraw it, call {phone}.",
    ],
    es: [
      "Usted ha retirado {request}. No haremos nada más al respecto. Puede volver a pedirlo en cualquier momento. Si usted no la retiró, llame al {phone}.",
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

/** What a review is called until it is decided; `request` is the name of what was denied. */
export const reviewNames: Readonly<
  Record<Language, (request: string) => string>
> = {
  en: (request) => `your request to review our denial of ${request}`,
  es: (request) => `su solicitud de revisar nuestra denegación de ${request}`,
};

/** How one asks for a review (45 CFR 164.524(d)(2)(ii)); the other laws say "appeal". */
export const reviewLines: Readonly<
  Record<"licensed" | "anybody", Readonly<Record<Language, string>>>
> = {
  licensed: {
    en: "You may ask that another licensed professional, who had no part in this, review it: in the portal under Privacy, or at {phone}. What comes of it binds us.",
    es: "Puede pedir que lo revise otro profesional con licencia que no haya intervenido: en el portal, en Privacidad, o llamando al {phone}. El resultado nos obliga.",
  },
  anybody: {
    en: "You may appeal: ask in the portal under Privacy, or at {phone}, that somebody who had no part in this look at it again.",
    es: "Puede apelar: pida en el portal, en Privacidad, o llamando al {phone}, que lo examine de nuevo alguien que no haya intervenido.",
  },
};

/** After an appeal in vain, by the name of its rule. */
export const upheldLines: Readonly<
  Record<string, Readonly<Record<Language, string>> | undefined>
> = {
  "us-wa-mhmda-appeal": {
    en: "You may complain to the Attorney General of Washington (atg.wa.gov/file-complaint).",
    es: "Puede presentar una queja ante la Fiscalía General de Washington (atg.wa.gov/file-complaint).",
  },
  "us-tx-tdpsa-appeal": {
    en: "You may complain to the Attorney General of Texas (texasattorneygeneral.gov).",
    es: "Puede presentar una queja ante la Fiscalía General de Texas (texasattorneygeneral.gov).",
  },
};

/** Of an amendment that others are told of (45 CFR 164.526(c)(2), (3)). */
export const informLine: Readonly<Record<Language, string>> = {
  en: "We will tell those whom you named, and those of whom we know that they have what was changed. If you do not want that, call {phone}.",
  es: "Informaremos a quienes usted indicó y a quienes sabemos que tienen lo que se cambió. Si no lo desea, llame al {phone}.",
};

/** What a copy costs: by law, or because the organization charges nothing where it might. */
export const feeLines: Readonly<
  Record<"free" | "cost-based", Readonly<Record<Language, string>>>
> = {
  free: {
    en: "It is free of charge.",
    es: "Es gratuita.",
  },
  "cost-based": {
    en: "We charge nothing for it, though the law allows a fee for its cost.",
    es: "No le cobramos nada por ella, aunque la ley permite cobrar su costo.",
  },
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
