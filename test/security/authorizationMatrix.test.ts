import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { type Address, createTestClient, http } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { beforeAll, describe, expect, test } from "vitest";
import { AuthContext } from "@/domain/auth";
import { sessions } from "@/domain/auth/db/schema";
import { type Action, actions, leastRole, type Role } from "@/domain/merchant";
import { merchantRoles } from "@/domain/merchant/db/schema";
import { PurchasesContext } from "@/domain/purchases";
import { purchases } from "@/domain/purchases/db/schema";
import { rewards } from "@/domain/rewards/db/schema";
import { config } from "@/infrastructure/config";
import { database } from "@/infrastructure/persistence/postgres";
import type { MerchantId } from "@/utils/ids";
import { type Answer, type Asker, ask, askWith, signedIn, withWallet } from "../fixtures/api";
import { operations } from "../fixtures/openapi";
import { buys, newOrderId, type Tea, teaStory } from "../fixtures/tea";
import { type Access, accessTable, type Entry } from "./accessTable";

type Verdict = 401 | 403 | 404 | "allowed";
/** A new session for every question, because some routes end the one that asks. */
type Principal = { asker: () => Promise<Asker>; expected: (access: Access) => Verdict };

const ranks: Role[] = ["owner", "admin", "campaignManager", "viewer"];
const newAddress = () => privateKeyToAccount(generatePrivateKey()).address;
const isAction = (access: Access): access is Action => access in leastRole;
const isRole = (access: Access): access is Role => ranks.includes(access as Role);
const isOfMerchant = (access: Access) => isAction(access) || isRole(access);

const { shopWebhooks } = PurchasesContext.services;

let tea: Tea;
let purchaseId: string;
let rewardId: string;
const staff = new Map<Role, Address>();
let stranger: Address;
const keys = new Map<string, string>();

const { body: document } = await ask("GET", "/swagger/json");
const routes = operations(document).map(({ method, path }) => `${method} ${path}`);

beforeAll(async () => {
    await giveTokenCode();
    tea = await teaStory();
    for (const platform of ["woocommerce", "magento", "custom"] as const) {
        const change = { secret: undefined, shopDomain: undefined };
        await shopWebhooks.put(tea.merchantId, platform, change);
    }
    const others = await teaStory();
    stranger = others.ada;
    staff.set("owner", tea.ada);
    for (const role of ranks.slice(1)) {
        const wallet = newAddress();
        const { merchantId } = tea;
        await database.current.insert(merchantRoles).values({ merchantId, wallet, role });
        staff.set(role, wallet);
    }
    for (const action of actions) keys.set(action, await keyOf(tea.merchantId, [action]));
    keys.set("test", await keyOf(tea.merchantId, actions, "test"));
    keys.set("another's", await keyOf(others.merchantId, actions));
    await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId });
    const [purchase] = await database.current
        .select()
        .from(purchases)
        .where(eq(purchases.merchantId, tea.merchantId));
    purchaseId = purchase?.id ?? "";
    const [reward] = await database.current
        .select()
        .from(rewards)
        .where(eq(rewards.merchantId, tea.merchantId));
    rewardId = reward?.id ?? "";
});

/** The shared chain has no token: one in which nobody holds anything answers 32 zero bytes to everything. */
async function giveTokenCode(): Promise<void> {
    const chain = createTestClient({ mode: "anvil", transport: http(config.RPC_URL) });
    for (const { address } of config.REWARD_ASSETS) {
        await chain.setCode({ address, bytecode: "0x60206000f3" });
    }
}

async function keyOf(
    merchantId: MerchantId,
    scopes: readonly string[],
    mode: "live" | "test" = "live"
) {
    const asked = { merchantId, name: "Back office", scopes, mode, createdBy: tea.ada };
    return (await AuthContext.services.apiKeys.create(asked)).text;
}

const bearer = (text: string | undefined) => askWith({ authorization: `Bearer ${text}` });

async function withSdk(): Promise<Asker> {
    const opening = { wallet: newAddress(), credentialId: "a-passkey", userAgent: null };
    const { sdk } = await AuthContext.services.sessions.open(opening);
    return askWith({ "x-wallet-sdk-auth": sdk.token });
}

async function paired(): Promise<Asker> {
    const opening = { wallet: newAddress(), credentialId: "a-passkey", userAgent: null };
    const { session, access } = await AuthContext.services.sessions.open(opening);
    await database.current
        .update(sessions)
        .set({ kind: "paired" })
        .where(eq(sessions.id, session.id));
    return askWith({ "x-wallet-auth": access.token });
}

const only =
    (...granted: Access[]) =>
    (access: Access): Verdict =>
        access === "anyone" || granted.includes(access) ? "allowed" : 401;

const asRole =
    (role: Role) =>
    (access: Access): Verdict => {
        if (!isOfMerchant(access)) return only("session")(access);
        const least = isAction(access) ? leastRole[access] : (access as Role);
        return ranks.indexOf(role) <= ranks.indexOf(least) ? "allowed" : 403;
    };

/** A key opens what names its action and nothing else. */
const asKey =
    (refused: Verdict, scope?: Action) =>
    (access: Access): Verdict => {
        const action = access === "shopsServer" ? "events:write" : access;
        if (!isAction(action)) return only()(access);
        return action === scope ? "allowed" : refused;
    };

const principals: Record<string, Principal> = {
    anonymous: { asker: async () => ask, expected: only() },
    client: {
        asker: async () => askWith({ "x-client-id": tea.cleo.clientId }),
        expected: only("visitor"),
    },
    SDK: { asker: withSdk, expected: only("sdk", "holder", "visitor") },
    wallet: {
        asker: () => withWallet(newAddress()),
        expected: only("wallet", "passkey", "holder", "visitor"),
    },
    paired: {
        asker: paired,
        expected: (access) =>
            access === "passkey" ? 403 : only("wallet", "holder", "visitor")(access),
    },
    ...Object.fromEntries(
        ranks.map((role) => [
            role,
            { asker: () => signedIn(staff.get(role) as Address), expected: asRole(role) },
        ])
    ),
    "another merchant's owner": {
        asker: () => signedIn(stranger),
        expected: (access) => (isOfMerchant(access) ? 404 : only("session")(access)),
    },
    ...Object.fromEntries(
        actions.map((action) => [
            `key for ${action}`,
            { asker: async () => bearer(keys.get(action)), expected: asKey(403, action) },
        ])
    ),
    "test key": { asker: async () => bearer(keys.get("test")), expected: asKey(403) },
    "another merchant's key": {
        asker: async () => bearer(keys.get("another's")),
        expected: asKey(404),
    },
    "unknown key": {
        asker: async () => bearer(`ck_live_${"a".repeat(49)}`),
        expected: asKey(401),
    },
};

function askFor(asker: Asker, route: string, { json, query, headers }: Entry): Promise<Answer> {
    const [method = "", path = ""] = route.split(" ");
    const ids: Record<string, string> = {
        merchantId: tea.merchantId,
        address: tea.ada,
        platform: "shopify",
        step: "pause",
        ...(path.startsWith("/business/v1/campaigns/") ? { id: tea.campaignId } : {}),
        ...(path.startsWith("/business/v1/purchases/") ? { id: purchaseId } : {}),
        ...(path.startsWith("/business/v1/rewards/") ? { id: rewardId } : {}),
        name: "rewards.csv",
    };
    const filled = path.replace(/\{(\w+)\}/g, (_, name) => ids[name] ?? randomUUID());
    const search = query ? `?${new URLSearchParams(query(tea))}` : "";
    return asker(method, filled + search, {
        ...(headers ? { headers: headers(tea) } : {}),
        ...(json ? { json: json(tea) } : {}),
    });
}

const strangersCodes = /^(MERCHANT|CAMPAIGN|PURCHASE|REWARD)_NOT_FOUND$/;

const afterwards = /^(TEST_CHAIN_ONLY|STEP_UP_REQUIRED)$/;

function verdictOf({ status, body }: Answer, { access, refusal }: Entry): unknown {
    const code: string = body?.error?.code ?? "";
    if (code === refusal || afterwards.test(code)) return "allowed";
    if (status === 401) return 401;
    if (status === 403) return 403;
    if (strangersCodes.test(code)) return 404;
    const isOurFault = status >= 500 && code !== "CHAIN_UNAVAILABLE";
    const isUnasked = code === "INVALID_REQUEST" && access !== "anyone";
    return isOurFault || isUnasked ? { status, code } : "allowed";
}

test("every route of the document has its line in the table, and no line is of nothing", () => {
    expect(routes.toSorted()).toEqual(Object.keys(accessTable).toSorted());
});

describe.each(Object.entries(accessTable))("%s", (route, entry) => {
    test("is for whom the table says, and for nobody else", async () => {
        const told: Record<string, unknown> = {};
        const expected: Record<string, unknown> = {};
        for (const [name, principal] of Object.entries(principals)) {
            const answer = await askFor(await principal.asker(), route, entry);
            told[name] = verdictOf(answer, entry);
            expected[name] = principal.expected(entry.access);
        }
        expect(told).toEqual(expected);
    });
});
