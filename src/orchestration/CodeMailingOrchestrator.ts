import type { CodeMail, MailCodeService } from "@/domain/identity";
import type { Mailer } from "@/infrastructure/mail/Mailer";
import { log } from "@/infrastructure/observability/log";

const batchSize = 10;

/** Codes go to the mailboxes that they prove. A mail is sent once, or twice when a process dies on the way. */
export class CodeMailingOrchestrator {
    constructor(
        private readonly codes: MailCodeService,
        private readonly mailer: Mailer | undefined,
        private readonly appName: string
    ) {}

    async sendDue(): Promise<void> {
        const { mailer } = this;
        if (!mailer) return;
        let mails: CodeMail[];
        do {
            mails = await this.codes.takeDue(batchSize);
            await Promise.all(mails.map((mail) => this.send(mailer, mail)));
        } while (mails.length === batchSize);
    }

    private async send(mailer: Mailer, { id, address, code }: CodeMail): Promise<void> {
        try {
            const outcome = await mailer.send({ id, to: address, ...this.words(code) });
            await this.codes.closeMail(id, outcome === "refused" ? "Refused" : null);
        } catch (error) {
            log.warn({ err: error, code: id }, "a mail could not be sent; it is tried again");
            await this.codes.postponeMail(id, error instanceof Error ? error.message : "failed");
        }
    }

    private words(code: string): { subject: string; text: string } {
        return {
            subject: `${code} is your code for ${this.appName}`,
            text: [
                `${code} is the code that proves to ${this.appName} that this mailbox is yours.`,
                "It is good for ten minutes. Tell it to nobody: whoever enters it has what was bought with this address.",
                "If you did not ask for it, there is nothing to do.",
            ].join("\n\n"),
        };
    }
}
