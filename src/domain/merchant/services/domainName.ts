import { domainToASCII } from "node:url";
import { InvalidError } from "@/utils/errors";

const hostName =
    /^(?=.{1,253}$)([a-z\d]([a-z\d-]{0,61}[a-z\d])?\.)+[a-z\d]([a-z\d-]{0,61}[a-z\d])?$/;

/** A host name in the one form we keep: punycode, lower case, without `www.`. `DOMAIN_INVALID` for anything else. */
export function domainName(text: string): string {
    const domain = domainToASCII(text.trim().toLowerCase()).replace(/^www\./, "");
    if (hostName.test(domain)) return domain;
    throw new InvalidError("DOMAIN_INVALID", `"${text.slice(0, 100)}" is not a host name`);
}
