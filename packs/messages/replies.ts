import type { Language } from "./message-pack.ts";

/** Text messages that answer a text message. The answer to STOP confirms and sells nothing (47 CFR 64.1200(a)(12)). */
export const replyTexts = {
  stop: {
    en: "{organization}: you will get no more texts from us. For help call {phone}. Reply START to get them again.",
    es: "{organization}: no recibira mas mensajes de texto. Ayuda: {phone}. Responda START para volver a recibirlos.",
  },
  start: {
    en: "{organization}: you will get texts about your visits again. Msg & data rates may apply. HELP for help, STOP to opt out.",
    es: "{organization}: volvera a recibir mensajes sobre sus citas. Pueden aplicar tarifas. HELP=ayuda, STOP=baja.",
  },
  help: {
    en: "{organization}: texts about your visits. Call {phone} for help. Msg & data rates may apply. Reply STOP to opt out.",
    es: "{organization}: mensajes sobre sus citas. Ayuda: {phone}. Pueden aplicar tarifas. Responda STOP para darse de baja.",
  },
  confirm: {
    en: "{organization}: thank you, your visit is confirmed. Reply X to cancel, R for another time, STOP to opt out.",
    es: "{organization}: gracias, su cita esta confirmada. Responda X=cancelar, R=cambiar, STOP=baja.",
  },
  cancel: {
    en: "{organization}: your visit is cancelled. To book again call {phone}. Reply STOP to opt out.",
    es: "{organization}: su cita fue cancelada. Para otra cita llame al {phone}. STOP=baja.",
  },
  reschedule: {
    en: "{organization}: we will contact you about another time. Until then your visit stays as it is. Reply STOP to opt out.",
    es: "{organization}: le contactaremos para otra hora. Hasta entonces su cita sigue igual. STOP=baja.",
  },
} as const satisfies Record<string, Record<Language, string>>;

export type ReplyText = keyof typeof replyTexts;
