import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import { type Action, leastRole, type Role } from "@/domain/merchant";
import { merchantRoles } from "@/domain/merchant/db/schema";
import { purchases, webhookDeliveries } from "@/domain/purchases/db/schema";
import { rewards } from "@/domain/rewards/db/schema";
import { idempotencyKeys } from "@/infrastructure/idempotency/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { type Asker, ask, signedIn } from "../../fixtures/api";
import { type Operation, operations } from "../../fixtures/openapi";
import { buys, newOrderId, type Tea, teaStory } from "../../fixtures/tea";
import { type Access, accessTable, type Entry } from "../../security/accessTable";

const isAction = (access: Access): access is Action => access in leastRole;
const isRole = (access: Access): access is Role => ["owner", "admin"].includes(access);

/** What is some merchant's, with the least role that may ask. */
const ofMerchants: Record<string, Pick<Entry, "access" | "json" | "query"> & { least: Role }> =
    Object.fromEntries(
        Object.entries(accessTable).flatMap(([name, { access, json, query }]) => {
            const least = isAction(access) ? leastRole[access] : isRole(access) && access;
            return least
                ? [
                      [
                          name,
                          { access, least, ...(json ? { json } : {}), ...(query ? { query } : {}) },
                      ],
                  ]
                : [];
        })
    );

const { body: document } = await ask("GET", "/swagger/json");
const business = operations(document).filter(({ path }) => path.startsWith("/business/"));
const nameOf = ({ method, path }: Operation) => `${method} ${path}`;
const guarded = business
    .filter((operation) => nameOf(operation) in ofMerchants)
    .map((operation) => [nameOf(operation), operation] as const);

let tea: Tea;
let ada: Asker;
let zoe: Asker;
let purchaseId: string;
let rewardId: string;
let deliveryId: string;
let claimId: string;
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
    const [reward] = await database.current
        .select({ id: rewards.id })
        .from(rewards)
        .where(eq(rewards.merchantId, tea.merchantId));
    rewardId = reward?.id ?? "";
    const [delivery] = await database.current
        .select({ id: webhookDeliveries.id })
        .from(webhookDeliveries)
        .where(eq(webhookDeliveries.merchantId, tea.merchantId));
    deliveryId = delivery?.id ?? "";
    const json = { merchantId: tea.merchantId, orderId: purchase?.externalId };
    const asked = await ask("POST", "/wallet/v1/rewards/missing", {
        headers: { "x-client-id": tea.cleo.clientId },
        json,
    });
    claimId = asked.body.id;
});

/** Asks for something of Ada's. */
function askFor(asker: Asker, name: string, headers: Record<string, string> = {}) {
    const [method = "", path = ""] = name.split(" ");
    const ids: Record<string, string> = {
        merchantId: tea.merchantId,
        platform: "shopify",
        step: "pause",
        keyId: randomUUID(),
        deliveryId,
        claimId,
        groupId: randomUUID(),
        name: "rewards.csv",
        id: tea.campaignId,
        ...(path.includes("/purchases/") ? { id: purchaseId } : {}),
        ...(path.includes("/rewards/") ? { id: rewardId } : {}),
    };
    const json = ofMerchants[name]?.json?.(tea);
    const filled = path.replace(/\{(\w+)\}/g, (_, parameter) => ids[parameter] ?? "");
    const query = ofMerchants[name]?.query ? `?merchantId=${tea.merchantId}` : "";
    return asker(method, `${filled}${query}`, { headers, ...(json ? { json } : {}) });
}

describe.each(guarded)("%s", (name, { security }) => {
    test("is for nobody who did not sign in, and leaves no trace of them", async () => {
        const key = randomUUID();
        const { status, body } = await askFor(ask, name, { "idempotency-key": key });
        expect([status, body.error.code]).toEqual([401, "AUTH_REQUIRED"]);
        expect(security).toEqual([
            { businessSession: [] },
            ...(isAction(ofMerchants[name]?.access ?? "anyone") ? [{ apiKey: [] }] : []),
        ]);
        expect(await database.current.$count(idempotencyKeys, eq(idempotencyKeys.key, key))).toBe(
            0
        );
    });

    test("is nothing to the staff of another merchant: to them it does not exist", async () => {
        const { status, body } = await askFor(zoe, name);
        expect(status).toBe(404);
        expect(body.error.code).toMatch(/^(MERCHANT|CAMPAIGN|PURCHASE|REWARD)_NOT_FOUND$/);
    });

    test("tells the staff of another merchant just what it tells of what nobody has", async () => {
        const nothing = {
            ...tea,
            merchantId: randomUUID(),
            campaignId: randomUUID(),
        } as unknown as Tea;
        const theirs = await askFor(zoe, name);
        const [mine, order, reward] = [tea, purchaseId, rewardId];
        tea = nothing;
        purchaseId = randomUUID();
        rewardId = randomUUID();
        const nobodys = await askFor(zoe, name);
        tea = mine;
        purchaseId = order;
        rewardId = reward;
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
