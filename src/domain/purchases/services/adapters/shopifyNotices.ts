import { Type } from "@sinclair/typebox";
import type { LosslessJson } from "@/utils/json";
import { assertShape } from "@/utils/schema";
import type { Notice } from "../OrderReport";
import { optional } from "./shapes";

const Redaction = Type.Object({
    customer: Type.Object({
        id: Type.String({ pattern: "^\\d+$" }),
        email: optional(Type.String()),
    }),
});

/** Shopify's compliance topics, and the end of an app on a shop; nothing for any other topic. */
export function readNotice(topic: string, body: LosslessJson): Notice | undefined {
    if (topic === "shop/redact") return { about: "shopErasure" };
    if (topic === "customers/data_request") return { about: "dataRequest" };
    if (topic === "app/uninstalled") return { about: "uninstalled" };
    if (topic !== "customers/redact") return undefined;
    assertShape(Redaction, body);
    const { id: customerId, email } = body.customer;
    return { about: "customerErasure", customerId, email: email || undefined };
}
