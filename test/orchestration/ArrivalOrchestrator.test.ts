import { eq } from "drizzle-orm";
import { afterEach, describe, expect, test, vi } from "vitest";
import { touchpoints } from "@/domain/attribution/db/schema";
import { CampaignContext } from "@/domain/campaign";
import { interactions } from "@/domain/campaign/db/schema";
import { IdentityContext, type NodeKey } from "@/domain/identity";
import { referralEdges } from "@/domain/referral/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext } from "@/orchestration";
import { comes, newClient, type Tea, teaStory } from "../fixtures/tea";

const { identities } = IdentityContext.services;
const { arrival, identityMerge, referrer, shareLink } = OrchestrationContext;
const db = database.current;

afterEach(() => vi.restoreAllMocks());

const groupOf = async (key: NodeKey) => (await identities.find([key]))[0];
const edgesAt = ({ merchantId }: Tea) =>
    db.select().from(referralEdges).where(eq(referralEdges.merchantId, merchantId));
const openedAt = async ({ merchantId }: Tea) =>
    db.select().from(interactions).where(eq(interactions.merchantId, merchantId));

describe("the first arrival through somebody's link", () => {
    test("makes them the referrer, and opens what a referral may earn", async () => {
        const tea = await teaStory();
        const [ben, cleo] = [await groupOf(tea.ben.key), await groupOf(tea.cleo.key)];
        expect(await edgesAt(tea)).toMatchObject([
            { refereeGroupId: cleo, referrerGroupId: ben, code: tea.code, removedAt: null },
        ]);
        expect(await openedAt(tea)).toMatchObject([
            { trigger: "referral", groupId: cleo, subject: cleo, status: "open" },
        ]);
        expect(await referrer.statusOf(tea.cleo.key, tea.merchantId)).toMatchObject({
            referred: true,
            code: tea.code,
        });
    });

    test("stays the first when others share with them later", async () => {
        const tea = await teaStory();
        const dan = newClient(tea.merchantId);
        const { code } = await shareLink.linkOf(tea.merchantId, dan.key);
        expect(await comes(tea.merchantId, tea.cleo.key, code)).toMatchObject({ referred: true });
        expect(await edgesAt(tea)).toHaveLength(1);
        expect(await openedAt(tea)).toHaveLength(1);
    });

    test("of a hundred browsers at once makes each one's, and leaves nobody without", async () => {
        const tea = await teaStory();
        const browsers = Array.from({ length: 100 }, () => newClient(tea.merchantId));
        const recorded = await Promise.all([
            ...browsers.map(({ key }) => comes(tea.merchantId, key, tea.code)),
            ...browsers.map(({ key }) => comes(tea.merchantId, key, tea.code)),
            ...browsers.map(({ key }) => comes(tea.merchantId, key)),
        ]);
        expect(recorded.filter(({ referred }) => referred)).toHaveLength(200);
        expect(new Set(recorded.map(({ touchpointId }) => touchpointId)).size).toBe(300);
        expect(await edgesAt(tea)).toHaveLength(101);
        expect(await openedAt(tea)).toHaveLength(101);
    });

    test("leaves nothing behind when what it opens cannot be kept", async () => {
        const tea = await teaStory();
        const before = await db.$count(touchpoints);
        const dan = newClient(tea.merchantId);
        const failing = vi.spyOn(CampaignContext.repositories.interactions, "open");
        failing.mockRejectedValueOnce(new Error("disk full"));

        await expect(comes(tea.merchantId, dan.key, tea.code)).rejects.toThrow("disk full");
        expect(await db.$count(touchpoints)).toBe(before);
        expect(await edgesAt(tea)).toHaveLength(1);
        expect(await comes(tea.merchantId, dan.key, tea.code)).toMatchObject({ referred: true });
        expect(await edgesAt(tea)).toHaveLength(2);
    });
});

describe("who has a referrer, or comes on their own,", () => {
    test("costs one statement and no transaction", async () => {
        const tea = await teaStory();
        await comes(tea.merchantId, tea.cleo.key, tea.code);
        await comes(tea.merchantId, tea.cleo.key);
        const statements = vi.spyOn(database, "rows");
        const transactions = vi.spyOn(database, "transaction");

        await comes(tea.merchantId, tea.cleo.key, tea.code);
        expect(statements).toHaveBeenCalledTimes(1);
        await comes(tea.merchantId, tea.cleo.key);
        expect(statements).toHaveBeenCalledTimes(2);
        expect(transactions).not.toHaveBeenCalled();
    });
});

describe("nobody is attributed", () => {
    test.each([
        ["a direct visit", {}],
        ["a campaign's link", { landingUrl: "https://tea.example/?utm_source=x&utm_medium=cpc" }],
        ["an unknown code", { landingUrl: "https://tea.example/?ref=NoSuchCode" }],
    ])("for %s", async (_, signals) => {
        const tea = await teaStory();
        const dan = newClient(tea.merchantId);
        const visit = { landingUrl: undefined, referralCode: undefined, utm: undefined };
        const { merchantId } = tea;
        const recorded = await arrival.record({
            merchantId,
            visitor: dan.key,
            ...visit,
            ...signals,
        });
        expect(recorded.referred).toBe(false);
        expect(await edgesAt(tea)).toHaveLength(1);
        expect(await referrer.statusOf(dan.key, merchantId)).toEqual({ referred: false });
    });

    test("for one's own link, nor when two browsers turn out to be one person's", async () => {
        const tea = await teaStory();
        expect(await comes(tea.merchantId, tea.ben.key, tea.code)).toMatchObject({
            referred: false,
        });
        await identityMerge.unite({
            keys: [tea.ben.key, tea.cleo.key],
            reason: "test",
            evidence: {},
        });
        expect(await edgesAt(tea)).toMatchObject([{ endReason: "selfReferral" }]);
        expect(await referrer.statusOf(tea.cleo.key, tea.merchantId)).toEqual({ referred: false });
    });
});

test("of a landing address only known parameters are kept", async () => {
    const tea = await teaStory();
    const { merchantId } = tea;
    const landingUrl = `https://tea.example/green?ref=${tea.code}&email=dan%40example.com&utm_source=x#top`;
    const { touchpointId } = await arrival.record({
        merchantId,
        visitor: newClient(merchantId).key,
        landingUrl,
        referralCode: undefined,
        utm: undefined,
    });
    const [kept] = await db.select().from(touchpoints).where(eq(touchpoints.id, touchpointId));
    expect(kept?.landingUrl).toBe(`https://tea.example/green?ref=${tea.code}&utm_source=x`);
    expect(kept).toMatchObject({ source: "referral", shareCode: tea.code });
});
