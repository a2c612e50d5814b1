import ky from "ky";
import { ordersIn, type ShopCredentials } from "./ordersIn";
import { assertPublic } from "./publicAddress";

const version = "2026-04";
const pageSize = 250;
const timeoutMs = 10_000;

/** Shopify's Admin REST API, with an access token of the app. */
export class ShopifyAdminClient {
    constructor(
        private readonly shop: ShopCredentials,
        private readonly mayBePrivate: boolean
    ) {}

    /** Orders that changed at that time or after, page by page as Shopify links them. */
    async *modifiedSince(since: Date): AsyncGenerator<string[]> {
        const { url } = this.shop;
        const first = new URL(`${url.replace(/\/$/, "")}/admin/api/${version}/orders.json`);
        first.search = new URLSearchParams({
            status: "any",
            updated_at_min: since.toISOString(),
            order: "updated_at asc",
            limit: String(pageSize),
        }).toString();
        let next: URL | undefined = first;
        while (next) {
            const response = await this.get(next);
            yield ordersIn(await response.text(), "orders");
            next = this.nextOf(response.headers.get("link"), first);
        }
    }

    private async get(address: URL): Promise<Response> {
        if (!this.mayBePrivate) await assertPublic(address);
        return ky.get(address, {
            headers: { "x-shopify-access-token": this.shop.key },
            timeout: timeoutMs,
            retry: 2,
            redirect: "error",
        });
    }

    /** RFC 8288. The token goes to the shop alone, wherever a link leads. */
    private nextOf(link: string | null, { origin }: URL): URL | undefined {
        const target = link?.match(/<([^>]+)>;\s*rel="next"/)?.[1];
        const next = target ? URL.parse(target) : null;
        return next?.origin === origin ? next : undefined;
    }
}
