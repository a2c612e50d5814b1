import { randomInt, randomUUID } from "node:crypto";
import { config } from "@/infrastructure/config";
import type { DemoShop } from "@/orchestration/DemoShopOrchestrator";
import { UnavailableError } from "@/utils/errors";
import { shopifyOrder, signed } from "./shopifyOrder";

export type DemoOrder = { clientId: string; total?: string | undefined };
export type ToldOrder = { orderId: string; deliveryId: string };

/** Does what Shopify does when somebody paid: sends the signed order to our public webhook, over HTTP. */
export async function tellOfOrder(shop: DemoShop, order: DemoOrder): Promise<ToldOrder> {
    const orderId = newOrderId();
    const { clientId, total } = order;
    const prices = total ? { total, subtotal: total } : {};
    const text = shopifyOrder({ id: orderId, clientId, token: randomUUID(), ...prices });
    const { body, headers } = signed(text, shop.webhookSecret);
    const url = `${config.PUBLIC_URL}/external/v1/merchants/${shop.merchantId}/webhooks/shopify`;

    const answer = await fetch(url, { method: "POST", body, headers }).catch(unreachable(url));
    if (!answer.ok) throw refused(answer.status, await answer.text());
    const { deliveryId } = (await answer.json()) as { deliveryId: string };
    return { orderId, deliveryId };
}

/** Beyond 2^53, as Shopify's may be. */
const newOrderId = (): string => `82098291194${randomInt(1_000_000, 9_999_999)}`;

const unreachable = (url: string) => (cause: unknown) => {
    const message = `The shop could not reach ${url}: is PUBLIC_URL right?`;
    throw new UnavailableError("WEBHOOK_UNREACHABLE", message, { cause });
};

const refused = (status: number, answer: string) =>
    new UnavailableError("WEBHOOK_REFUSED", `The webhook answered ${status}: ${answer}`);
