export type Mail = {
    /** The same for every attempt, so that a mail program shows a repeated mail once. */
    id: string;
    to: string;
    subject: string;
    text: string;
};

/** Sends mail. */
export type Mailer = {
    /** Refused: nobody there will ever take it. Throws when it may go better another time. */
    send(mail: Mail): Promise<"sent" | "refused">;
};
