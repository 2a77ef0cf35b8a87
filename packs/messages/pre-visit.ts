import type { MessagePack } from "./message-pack.ts";

const emailEnglish = [
  "{when}",
  "{location}",
  "{address}",
  "",
  "How to get here: {directions}",
  "Parking: {parking}",
  "",
  "How to prepare and what to bring: {link}",
  "To cancel or change the time, use that page or call {phone}.",
  "",
  "{organization}",
  "To stop these e-mails, change your contact choices at {link} or call {phone}.",
];

const emailSpanish = [
  "{when}",
  "{location}",
  "{address}",
  "",
  "Cómo llegar: {directions}",
  "Estacionamiento: {parking}",
  "",
  "Cómo prepararse y qué traer: {link}",
  "Para cancelar o cambiar la hora, use esa página o llame al {phone}.",
  "",
  "{organization}",
  "Para no recibir más estos correos, cambie sus preferencias de contacto en {link} o llame al {phone}.",
];

const portalEnglish = [
  "{when}",
  "{location}",
  "{address}",
  "",
  "How to get here: {directions}",
  "Parking: {parking}",
  "How to prepare: {preparation}",
  "",
  "Tell us what is new before you come: {registration}",
  "Questions? Call {phone}.",
];

const portalSpanish = [
  "{when}",
  "{location}",
  "{address}",
  "",
  "Cómo llegar: {directions}",
  "Estacionamiento: {parking}",
  "Cómo prepararse: {preparation}",
  "",
  "Díganos qué ha cambiado antes de venir: {registration}",
  "¿Preguntas? Llame al {phone}.",
];

export const preVisitMessages: MessagePack = {
  publisher: "Sojourn",
  version: "1.0.0",
  source:
    "Written for Sojourn; content rules of 45 CFR 164.502(b) and 47 CFR 64.1200(a)(9)(iv)",
  awaitingReview: ["es"],
  messages: {
    confirmation: {
      topic: "appointment",
      purpose: "treatment",
      category: "notification",
      solicited: true,
      asks: true,
      texts: {
        en: {
          confirm: "C=confirm ",
          sms: "{organization}: booked {when}, {location}. {confirm}X=cancel R=change STOP=opt out {link}",
          email: {
            subject: "{organization}: your visit is booked",
            lines: ["Your visit is booked.", "", ...emailEnglish],
          },
          push: {
            title: "{organization}",
            text: "Your visit is booked for {when}, {location}.",
          },
          portal: [
            "Your visit at {organization} is booked.",
            "",
            ...portalEnglish,
          ],
        },
        es: {
          confirm: "C=confirmar ",
          sms: "{organization}: cita {when}, {location}. {confirm}X=cancelar R=cambiar STOP=baja {link}",
          email: {
            subject: "{organization}: su cita está reservada",
            lines: ["Su cita está reservada.", "", ...emailSpanish],
          },
          push: {
            title: "{organization}",
            text: "Su cita está reservada: {when}, {location}.",
          },
          portal: [
            "Su cita en {organization} está reservada.",
            "",
            ...portalSpanish,
          ],
        },
      },
    },
    reminder: {
      topic: "appointment",
      purpose: "treatment",
      category: "reminder",
      asks: true,
      texts: {
        en: {
          confirm: "C=confirm ",
          sms: "{organization}: visit {when}, {location}. {confirm}X=cancel R=change STOP=opt out {link}",
          email: {
            subject: "{organization}: your visit on {day}",
            lines: ["This is a reminder of your visit.", "", ...emailEnglish],
          },
          push: {
            title: "{organization}",
            text: "Reminder: your visit is {when}, {location}.",
          },
          portal: [
            "This is a reminder of your visit at {organization}.",
            "",
            ...portalEnglish,
          ],
        },
        es: {
          confirm: "C=confirmar ",
          sms: "{organization}: cita {when}, {location}. {confirm}X=cancelar R=cambiar STOP=baja {link}",
          email: {
            subject: "{organization}: su cita del {day}",
            lines: ["Le recordamos su cita.", "", ...emailSpanish],
          },
          push: {
            title: "{organization}",
            text: "Recordatorio: su cita es {when}, {location}.",
          },
          portal: [
            "Le recordamos su cita en {organization}.",
            "",
            ...portalSpanish,
          ],
        },
      },
    },
  },
};
