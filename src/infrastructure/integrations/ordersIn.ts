import { type LosslessJson, parseLossless } from "@/utils/json";

export type ShopCredentials = { url: string; key: string; secret?: string | undefined };

/** The orders of a page, each as JSON of its own. Numbers become the text that was sent: no digit is lost. */
export function ordersIn(text: string, field?: string): string[] {
    const page = parseLossless(text);
    const orders = field === undefined ? page : (page as Record<string, LosslessJson>)[field];
    if (!Array.isArray(orders)) throw new Error("A shop answered with something else than orders");
    return orders.map((order) => JSON.stringify(order));
}
