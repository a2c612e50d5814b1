import { config } from "../config";
import type { Mailer } from "./Mailer";
import { SmtpMailer } from "./SmtpMailer";

const { SMTP_URL, MAIL_FROM } = config;

/** Nothing where no mail server is configured: what needs one is off, and says so. */
export const mailer: Mailer | undefined =
    SMTP_URL && MAIL_FROM ? new SmtpMailer(SMTP_URL, MAIL_FROM) : undefined;
