import { Elysia } from "elysia";
import { body } from "@/api/body";
import { business } from "@/api/business";
import { common } from "@/api/common";
import { cors } from "@/api/cors";
import { demo } from "@/api/demo";
import { edge, type Handle } from "@/api/edge";
import { errors } from "@/api/errors";
import { external } from "@/api/external";
import { largestBody } from "@/api/limits";
import { matchedRoute } from "@/api/matchedRoute";
import { openapi } from "@/api/openapi";
import { operations } from "@/api/operations";
import { wallet } from "@/api/wallet";
import { config } from "@/infrastructure/config";

const serve = { maxRequestBodySize: largestBody };

/** The whole HTTP side. Making it opens no port and starts no job. */
export function createApp() {
    return foundation()
        .use(cors)
        .use(body)
        .use(openapi)
        .use(wallet)
        .use(business)
        .use(external)
        .use(common)
        .use(config.NODE_ENV === "development" ? demo : new Elysia());
}

/** What a process that only works the queue answers: how it is. */
export function createOperationsApp() {
    return foundation();
}

function foundation() {
    return new Elysia({ serve })
        .wrap((handle) => edge(handle as unknown as Handle))
        .use(errors)
        .use(matchedRoute)
        .use(operations);
}
