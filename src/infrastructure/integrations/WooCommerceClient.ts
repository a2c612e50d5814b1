import ky from "ky";
import { ordersIn, type ShopCredentials } from "./ordersIn";
import { assertPublic } from "./publicAddress";

const pageSize = 100;
const timeoutMs = 10_000;

/** WooCommerce's REST API v3, with a consumer's key and secret. */
export class WooCommerceClient {
    constructor(
        private readonly shop: ShopCredentials,
        private readonly mayBePrivate: boolean
    ) {}

    /** Orders that changed after that time, longest ago first, page by page. */
    async *modifiedSince(since: Date): AsyncGenerator<string[]> {
        for (let page = 1; ; page++) {
            const orders = await this.page(since, page);
            yield orders;
            if (orders.length < pageSize) return;
        }
    }

    private async page(since: Date, page: number): Promise<string[]> {
        const { url, key, secret = "" } = this.shop;
        const address = new URL(`${url.replace(/\/$/, "")}/wp-json/wc/v3/orders`);
        if (!this.mayBePrivate) await assertPublic(address);
        const text = await ky
            .get(address, {
                searchParams: {
                    modified_after: since.toISOString(),
                    dates_are_gmt: "true",
                    orderby: "modified",
                    order: "asc",
                    per_page: pageSize,
                    page,
                },
                headers: { authorization: `Basic ${btoa(`${key}:${secret}`)}` },
                timeout: timeoutMs,
                retry: 2,
                redirect: "error",
            })
            .text();
        return ordersIn(text);
    }
}
