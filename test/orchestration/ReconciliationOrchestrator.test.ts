import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { shopifyOrder } from "@/api/demo/shopifyOrder";
import { PurchasesContext } from "@/domain/purchases";
import { isPublicAddress } from "@/infrastructure/integrations/publicAddress";
import { OrchestrationContext } from "@/orchestration";
import { inboxOf, known } from "../fixtures/inbox";
import { teaStory, workOff } from "../fixtures/tea";

const { shopWebhooks } = PurchasesContext.services;
const { reconciliation } = OrchestrationContext;
const sample = new URL(
    "../fixtures/payloads/woocommerce/scenarios/05-updated-processing.body",
    import.meta.url
);

/** Plays the shops' own APIs: WooCommerce with 150 orders on two pages, Shopify with two linked pages. */
const asked: { path: string; authorization: string | null }[] = [];
let failures = 0;
const shop = Bun.serve({
    port: 0,
    fetch(request) {
        const url = new URL(request.url);
        const { headers } = request;
        const authorization = headers.get("authorization") ?? headers.get("x-shopify-access-token");
        asked.push({ path: url.pathname + url.search, authorization });
        if (url.pathname.includes("/broken/")) return new Response("no", { status: 401 });
        if (failures-- > 0)
            return new Response("later", { status: 503, headers: { "retry-after": "0" } });
        return url.pathname.includes("/wc/") ? wooPage(url) : shopifyPage(url);
    },
});
afterAll(() => shop.stop(true));

function wooPage({ searchParams }: URL): Response {
    const order = JSON.parse(readFileSync(sample, "utf8"));
    const page = Number(searchParams.get("page"));
    const ids = Array.from({ length: page === 1 ? 100 : 50 }, (_, index) => page * 1_000 + index);
    return Response.json(ids.map((id) => ({ ...order, id })));
}

function shopifyPage({ origin, pathname, searchParams }: URL): Response {
    const isLast = searchParams.has("page_info");
    const order = shopifyOrder({ id: isLast ? "820982911946154509" : "820982911946154508" });
    const next = `<${origin}${pathname}?page_info=2>; rel="next"`;
    return new Response(`{"orders":[${order}]}`, { headers: isLast ? {} : { link: next } });
}

const api = (path = "") => ({
    url: `http://localhost:${shop.port}${path}`,
    key: "key",
    secret: "secret",
});
const configure = async (platform: "woocommerce" | "shopify", path?: string) => {
    const { merchantId } = await teaStory();
    const change = { secret: undefined, shopDomain: undefined, api: api(path) };
    await shopWebhooks.put(merchantId, platform, change);
    return merchantId;
};

describe("what a shop did not tell of", () => {
    test("WooCommerce is asked for, page by page, and asked again only later", async () => {
        const merchantId = await configure("woocommerce");
        failures = 1;
        asked.length = 0;
        await reconciliation.reconcileDue();
        await workOff();
        expect(await known(merchantId)).toHaveLength(150);
        expect(asked.at(-1)?.path).toMatch(/modified_after=20\d\d-.*dates_are_gmt=true.*page=2/);
        expect(asked[0]?.authorization).toBe(`Basic ${btoa("key:secret")}`);
        expect(asked).toHaveLength(3);

        await reconciliation.reconcileDue();
        expect(asked).toHaveLength(3);
    }, 60_000);

    test("Shopify is asked for along its links, with every digit of the ids", async () => {
        const merchantId = await configure("shopify");
        asked.length = 0;
        await reconciliation.reconcileDue();
        await workOff();
        const ids = (await known(merchantId)).map(({ externalId }) => externalId).sort();
        expect(ids).toEqual(["820982911946154508", "820982911946154509"]);
        expect(asked.map(({ authorization }) => authorization)).toEqual(["key", "key"]);
    });

    test("a shop that refuses us holds up no other, and nobody is asked without credentials", async () => {
        const broken = await configure("woocommerce", "/broken");
        const merchantId = await configure("shopify");
        await teaStory();
        await reconciliation.reconcileDue();
        await workOff();
        expect(await inboxOf(broken)).toEqual([]);
        expect(await known(merchantId)).toHaveLength(2);
    });
});

test.each(["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.1"])(
    "%s is not the address of a shop",
    (address) => {
        expect(isPublicAddress(address)).toBe(false);
        expect([isPublicAddress("93.184.215.14"), isPublicAddress("2606:2800:21f::1")]).toEqual([
            true,
            true,
        ]);
    }
);
