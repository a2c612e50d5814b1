import type { Session, SsoAsking, SsoRequest, SsoService } from "@/domain/auth";
import type { MerchantService } from "@/domain/merchant";
import { InvalidError } from "@/utils/errors";
import type { MerchantId, SsoId } from "@/utils/ids";

export type SsoPrepared = { request: SsoRequest; link: string };
/** Who asks, as we know them and not as they call themselves. */
export type SsoShop = { id: MerchantId; name: string; domain: string };

/** A shop's page wants to know its visitor, who agrees in the wallet app to what is shown there. */
export class SsoOrchestrator {
    constructor(
        private readonly sso: SsoService,
        private readonly merchants: MerchantService,
        private readonly walletOrigin: string
    ) {}

    /** Throws `MERCHANT_NOT_FOUND` or `REDIRECT_NOT_ALLOWED`. */
    async prepare(asking: SsoAsking): Promise<SsoPrepared> {
        await this.merchants.get(asking.merchantId);
        await this.assertMayRedirect(asking);
        const request = await this.sso.prepare(asking);
        return { request, link: `${this.walletOrigin}/sso/${request.id}` };
    }

    /** Throws `SSO_NOT_FOUND`. */
    async view(id: SsoId, { subject }: Session): Promise<{ request: SsoRequest; shop: SsoShop }> {
        const request = await this.sso.get(id, subject);
        const { name } = await this.merchants.get(request.merchantId);
        const domain = new URL(request.redirectUri).hostname;
        return { request, shop: { id: request.merchantId, name, domain } };
    }

    private async assertMayRedirect({ merchantId, redirectUri }: SsoAsking): Promise<void> {
        const url = URL.parse(redirectUri);
        const isFit = url && isSecure(url) && !url.username && !url.password && !url.hash;
        if (isFit && (await this.merchants.isDomainOf(merchantId, url.hostname))) return;
        const message = "redirectUri must be an https address on a proven domain of this merchant";
        throw new InvalidError("REDIRECT_NOT_ALLOWED", message);
    }
}

/** Names under .localhost are proven in development alone. */
const isSecure = ({ protocol, hostname }: URL): boolean =>
    protocol === "https:" || (protocol === "http:" && hostname.endsWith(".localhost"));
