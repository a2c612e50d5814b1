import { randomUUID } from "node:crypto";
import { shopifyOrder, signed } from "@/api/demo/shopifyOrder";
import { encode } from "./load";
import type { World } from "./world";

const placeholder = "000000000000";
const webhookId = `00000000-0000-4000-8000-${placeholder}`;

/** Of all generators together: a delivery that was sent before is a duplicate, and cheaper. */
let sent = 0;

/**
 * Signed orders as bytes, a new webhook id each time one is sent: the id is not signed, so the bytes that are
 * stay as they were prepared. With `clients`, each order is of one of these browsers.
 */
export function orderRequests(world: World, count: number, clients?: readonly string[]) {
    const path = `/external/v1/merchants/${world.merchantId}/webhooks/shopify`;
    const prepared = Array.from({ length: count }, (_, index) => {
        const id = `8209829${1_000_000_000 + index}`;
        const clientId = clients ? (clients[index % clients.length] ?? "") : randomUUID();
        const { body, headers } = signed(shopifyOrder({ id, clientId }), world.secret, {
            webhookId,
        });
        const bytes = encode({ path, headers, body });
        return {
            bytes,
            offset:
                Buffer.from(bytes.buffer).indexOf(placeholder, bytes.byteOffset) - bytes.byteOffset,
        };
    });
    return (): Uint8Array => {
        const { bytes, offset } = prepared[sent % prepared.length] ?? {
            bytes: new Uint8Array(),
            offset: 0,
        };
        bytes.set(Buffer.from(String(++sent).padStart(placeholder.length, "0")), offset);
        return bytes;
    };
}
