import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import type { Role } from "@/domain/merchant";
import { merchantRoles } from "@/domain/merchant/db/schema";
import { purchases } from "@/domain/purchases/db/schema";
import { idempotencyKeys } from "@/infrastructure/idempotency/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { type Asker, ask, signedIn } from "../../fixtures/api";
import { type Operation, operations } from "../../fixtures/openapi";
import { bringAFriend } from "../../fixtures/story/Merchant";
import { buys, newOrderId, type Tea, teaStory } from "../../fixtures/tea";

/** What is nobody's in particular: everybody who signed in may ask it, and is told of themselves. */
const ofCallers = [
    "POST /business/v1/auth/nonce",
    "POST /business/v1/auth/login",
    "POST /business/v1/auth/logout",
    "GET /business/v1/auth/session",
    "GET /business/v1/merchants/registration/challenge",
    "POST /business/v1/merchants",
    "GET /business/v1/merchants",
];

/** The least role that may ask, and what it has to send. A route that is not in here is not tested, so it must be. */
const ofMerchants: Record<string, { least: Role; json?: (tea: Tea) => object }> = {
    "GET /business/v1/merchants/{merchantId}": { least: "viewer" },
    "GET /business/v1/merchants/{merchantId}/bank": { least: "viewer" },
    "POST /business/v1/merchants/{merchantId}/bank/deploy": { least: "owner" },
    "POST /business/v1/merchants/{merchantId}/bank/pause": { least: "admin" },
    "POST /business/v1/merchants/{merchantId}/bank/resume": { least: "admin" },
    "GET /business/v1/merchants/{merchantId}/bank/transactions": { least: "viewer" },
    "POST /business/v1/merchants/{merchantId}/mint": { least: "owner" },
    "GET /business/v1/merchants/{merchantId}/mint": { least: "owner" },
    "POST /business/v1/products/mint": {
        least: "owner",
        json: ({ merchantId }) => ({ merchantId }),
    },
    "POST /business/v1/funding/test-token": {
        least: "admin",
        json: ({ merchantId }) => ({ merchantId }),
    },
    "PUT /business/v1/merchants/{merchantId}/webhooks/{platform}": {
        least: "admin",
        json: () => ({}),
    },
    "GET /business/v1/merchants/{merchantId}/webhooks/{platform}": { least: "admin" },
    "DELETE /business/v1/merchants/{merchantId}/webhooks/{platform}": { least: "admin" },
    "GET /business/v1/merchants/{merchantId}/webhook-deliveries": { least: "admin" },
    "POST /business/v1/merchants/{merchantId}/campaigns": {
        least: "campaignManager",
        json: () => ({ name: "Bring a friend", definition: bringAFriend }),
    },
    "GET /business/v1/merchants/{merchantId}/campaigns": { least: "viewer" },
    "GET /business/v1/campaigns/{id}": { least: "viewer" },
    "POST /business/v1/campaigns/{id}/{step}": { least: "campaignManager" },
    "GET /business/v1/merchants/{merchantId}/purchases": { least: "viewer" },
    "GET /business/v1/purchases/{id}": { least: "viewer" },
    "GET /business/v1/purchases/{id}/why": { least: "viewer" },
    "GET /business/v1/purchases/{id}/proof": { least: "viewer" },
};

const { body: document } = await ask("GET", "/swagger/json");
const business = operations(document).filter(({ path }) => path.startsWith("/business/"));
const nameOf = ({ method, path }: Operation) => `${method} ${path}`;
const guarded = business
    .filter((operation) => !ofCallers.includes(nameOf(operation)))
    .map((operation) => [nameOf(operation), operation] as const);

let tea: Tea;
let ada: Asker;
let zoe: Asker;
let purchaseId: string;
beforeAll(async () => {
    tea = await teaStory();
    ada = await signedIn(tea.ada);
    zoe = await signedIn((await teaStory()).ada);
    await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
    const [purchase] = await database.current
        .select()
        .from(purchases)
        .where(eq(purchases.merchantId, tea.merchantId));
    purchaseId = purchase?.id ?? "";
});

/** Asks for something of Ada's. */
function askFor(asker: Asker, name: string, headers: Record<string, string> = {}) {
    const [method = "", path = ""] = name.split(" ");
    const ids: Record<string, string> = {
        merchantId: tea.merchantId,
        platform: "shopify",
        step: "pause",
        id: path.includes("/purchases/") ? purchaseId : tea.campaignId,
    };
    const json = ofMerchants[name]?.json?.(tea);
    const filled = path.replace(/\{(\w+)\}/g, (_, parameter) => ids[parameter] ?? "");
    return asker(method, filled, { headers, ...(json ? { json } : {}) });
}

test("every route of the document is tested here", () => {
    expect(business.map(nameOf).toSorted()).toEqual(
        [...ofCallers, ...Object.keys(ofMerchants)].toSorted()
    );
});

describe.each(guarded)("%s", (name, { security }) => {
    test("is for nobody who did not sign in, and leaves no trace of them", async () => {
        const key = randomUUID();
        const { status, body } = await askFor(ask, name, { "idempotency-key": key });
        expect([status, body.error.code]).toEqual([401, "AUTH_REQUIRED"]);
        expect(security).toEqual([{ businessSession: [] }]);
        expect(await database.current.$count(idempotencyKeys, eq(idempotencyKeys.key, key))).toBe(
            0
        );
    });

    test("is nothing to the staff of another merchant: to them it does not exist", async () => {
        const { status, body } = await askFor(zoe, name);
        expect(status).toBe(404);
        expect(body.error.code).toMatch(/^(MERCHANT|CAMPAIGN|PURCHASE)_NOT_FOUND$/);
    });

    test("tells the staff of another merchant just what it tells of what nobody has", async () => {
        const nothing = {
            ...tea,
            merchantId: randomUUID(),
            campaignId: randomUUID(),
        } as unknown as Tea;
        const theirs = await askFor(zoe, name);
        const [mine, order] = [tea, purchaseId];
        tea = nothing;
        purchaseId = randomUUID();
        const nobodys = await askFor(zoe, name);
        tea = mine;
        purchaseId = order;
        const told = ({ body }: typeof theirs) => ({ ...body.error, requestId: "" });
        expect(told(theirs)).toEqual(told(nobodys));
    });
});

test("what others tried has changed nothing", async () => {
    const { body } = await ada("GET", `/business/v1/merchants/${tea.merchantId}/campaigns`);
    expect(body.items.map(({ status }: { status: string }) => status)).toEqual(["active"]);
    expect(
        (await ada("GET", `/business/v1/merchants/${tea.merchantId}/webhooks/shopify`)).status
    ).toBe(200);
});

test("each sees their own merchants", async () => {
    const namesOf = async (asker: Asker) =>
        (await asker("GET", "/business/v1/merchants")).body.items.map(
            ({ id }: { id: string }) => id
        );
    expect(await namesOf(ada)).toEqual([tea.merchantId]);
    expect(await namesOf(zoe)).not.toContain(tea.merchantId);
});

describe("a role", () => {
    const ranks: Role[] = ["owner", "admin", "campaignManager", "viewer"];
    const staff = new Map<Role, Asker>();
    beforeAll(async () => {
        staff.set("owner", ada);
        for (const role of ranks.slice(1)) {
            const { ada: wallet } = await teaStory();
            await database.current
                .insert(merchantRoles)
                .values({ merchantId: tea.merchantId, wallet, role });
            staff.set(role, await signedIn(wallet));
        }
    });

    test.each(Object.entries(ofMerchants))(
        "may %s if it is high enough",
        async (name, { least }) => {
            for (const role of ranks) {
                const { status, body } = await askFor(staff.get(role) as Asker, name);
                const isAllowed = ranks.indexOf(role) <= ranks.indexOf(least);
                const isRefused = status === 403 && body.error.code === "ROLE_TOO_LOW";
                expect({ role, isRefused }).toEqual({ role, isRefused: !isAllowed });
                expect(status).toBeLessThan(500);
            }
        }
    );

    test("is told to whom it belongs", async () => {
        for (const role of ranks) {
            const { body } = await (staff.get(role) as Asker)(
                "GET",
                `/business/v1/merchants/${tea.merchantId}`
            );
            expect(body).toMatchObject({ id: tea.merchantId, role });
        }
    });
});
