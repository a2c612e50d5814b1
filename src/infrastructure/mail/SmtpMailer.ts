import { createTransport, type Transporter } from "nodemailer";
import { seconds } from "@/utils/time";
import type { Mail, Mailer } from "./Mailer";

type Failure = { code?: string; responseCode?: number };

/** A mail server hears of one mail at a time, and of nothing for long. */
export class SmtpMailer implements Mailer {
    private readonly transport: Transporter;
    private readonly domain: string;

    constructor(
        url: string,
        private readonly from: string
    ) {
        this.transport = createTransport({
            url,
            connectionTimeout: seconds(5),
            greetingTimeout: seconds(5),
            dnsTimeout: seconds(5),
            socketTimeout: seconds(10),
            disableFileAccess: true,
            disableUrlAccess: true,
        });
        this.domain = /@([\w.-]+)/.exec(from)?.[1] ?? "localhost";
    }

    async send({ id, to: address, subject, text }: Mail): Promise<"sent" | "refused"> {
        try {
            // As an object it is one address and no list, whatever stands in it.
            const to = { name: "", address };
            const messageId = `<${id}@${this.domain}>`;
            await this.transport.sendMail({ from: this.from, to, subject, text, messageId });
            return "sent";
        } catch (error) {
            if (isForGood(error as Failure)) return "refused";
            throw failureOf(error as Failure);
        }
    }
}

/** The server refuses this recipient: 5xx (RFC 5321 §4.2.1). That it refuses us may be mended. */
const isForGood = ({ code, responseCode = 0 }: Failure): boolean =>
    code === "EENVELOPE" && responseCode >= 500;

/** Without the server's words, in which the address stands. */
const failureOf = ({ code = "unknown", responseCode }: Failure): Error =>
    new Error(`The mail server did not take it: ${[code, responseCode].join(" ").trim()}`);
