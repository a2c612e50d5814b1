import { and, eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { IdentityContext } from "@/domain/identity";
import { rewards } from "@/domain/rewards/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { OrchestrationContext } from "@/orchestration";
import type { GroupId } from "@/utils/ids";
import { signedIn } from "../../fixtures/api";
import { bringAFriend } from "../../fixtures/story/Merchant";
import { buys, newClient, newOrderId, teaStory } from "../../fixtures/tea";

test("a merchant sets what holds for all campaigns, and drafts keep it", async () => {
    const tea = await teaStory();
    const ada = await signedIn(tea.ada);
    const path = `/business/v1/merchants/${tea.merchantId}`;
    const attribution = { model: "linear", windowDays: 7 };
    const changed = await ada("PATCH", path, {
        json: { timeZone: "Europe/Paris", attribution, minimumPayout: { amount: "5000000" } },
    });
    expect([changed.status, changed.body.timeZone]).toEqual([200, "Europe/Paris"]);
    const drafted = await ada("POST", `${path}/campaigns`, {
        json: { name: "Another", definition: bringAFriend },
    });
    expect(drafted.body.definition.attribution).toEqual(attribution);
});

test("and is told what is wrong with it, with nothing changed", async () => {
    const tea = await teaStory();
    const ada = await signedIn(tea.ada);
    const path = `/business/v1/merchants/${tea.merchantId}`;
    const refused = await ada("PATCH", path, { json: { name: "Tea?", timeZone: "Mars/Olympus" } });
    expect([refused.status, refused.body.error.code]).toEqual([400, "TIME_ZONE_INVALID"]);
    expect((await ada("GET", path)).body.name).toBe("Ada's Tea");
});

test.each([
    [true, "dan"],
    [false, "ben"],
] as const)("codes beat links: %s, so %s brought her", async (codeBeatsLink, who) => {
    const tea = await teaStory();
    const ada = await signedIn(tea.ada);
    const path = `/business/v1/merchants/${tea.merchantId}`;
    await ada("PATCH", path, { json: { attribution: { codeBeatsLink } } });
    const dan = newClient(tea.merchantId);
    const { code } = await OrchestrationContext.shareLink.linkOf(tea.merchantId, dan.key);
    await buys(tea, { id: newOrderId(), clientId: tea.cleo.clientId, codes: [code] });
    const [groupId] = await IdentityContext.services.identities.find([
        { dan, ben: tea.ben }[who].key,
    ]);
    const isTheirs = and(
        eq(rewards.groupId, groupId as GroupId),
        eq(rewards.recipient, "referrer")
    );
    expect(await database.current.$count(rewards, isTheirs)).toBe(1);
});
