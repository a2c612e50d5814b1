import { Elysia } from "elysia";
import { currentRequest } from "@/infrastructure/observability/currentRequest";

/** Notes which route a request matched: figures are kept by that, and not by whatever somebody asks for. */
export const matchedRoute = new Elysia({ name: "matchedRoute" }).onTransform(
    { as: "global" },
    ({ route }) => {
        const current = currentRequest.getStore();
        if (current) current.route = route;
    }
);
