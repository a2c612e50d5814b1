import { afterAll, beforeAll, expect, test } from "vitest";
import { SmtpMailer } from "@/infrastructure/mail/SmtpMailer";
import { MailServer } from "../../fixtures/MailServer";

let server: MailServer;
let mailer: SmtpMailer;
beforeAll(async () => {
    server = await MailServer.start();
    const { SMTP_URL = "", MAIL_FROM = "" } = server.environment;
    mailer = new SmtpMailer(SMTP_URL, MAIL_FROM);
});
afterAll(() => server.stop());

const mail = (to: string) => ({ id: "a-mail", to, subject: "Tea", text: "Ada sells tea." });

test("a mail arrives as it was written, under the same id however often", async () => {
    for (const _ of [1, 2]) expect(await mailer.send(mail("cleo@example.com"))).toBe("sent");
    const [first, second] = server.to("cleo@example.com");
    expect(first?.text).toMatch(/^From: Commend <no-reply@commend.example>\r\n/);
    expect(first?.text).toMatch(/\r\n\r\nAda sells tea\.\r\n$/);
    for (const one of [first, second]) {
        expect(one?.text).toContain("Message-ID: <a-mail@commend.example>");
    }
});

test("goes to one address, whatever is written there", async () => {
    await mailer.send(mail("cleo@example.com, ben@example.com")).catch(() => undefined);
    await mailer.send(mail("dan@example.com\r\nBcc: ben@example.com")).catch(() => undefined);
    expect(server.to("ben@example.com")).toEqual([]);
    expect(server.mails.filter(({ to }) => to.includes("ben@"))).toEqual([]);
});

test("nobody's mailbox is refused for good; a server out of reach is not, and no word has the address in it", async () => {
    expect(await mailer.send(mail("nobody@example.com"))).toBe("refused");
    await server.stop();
    const failure = await mailer.send(mail("cleo@example.com")).catch((error: Error) => error);
    expect(String(failure)).toMatch(/^Error: The mail server did not take it: E\w+$/);
    expect(JSON.stringify(failure) + (failure as Error).stack).not.toContain("cleo@");
});
