import { describe, expect, test } from "vitest";
import { IdentityContext } from "@/domain/identity";
import { OrchestrationContext } from "@/orchestration";
import type { GroupId } from "@/utils/ids";
import { newClient, teaStory } from "../fixtures/tea";

const { identities } = IdentityContext.services;
const { orderSignals, personalCode } = OrchestrationContext;

const wallet = identities.keyOf({ kind: "wallet", wallet: `0x${"de".repeat(20)}` });

describe("what an order says of who brought its buyer", () => {
    test("is the first of its codes that is somebody's, in any case, and its own landing page", async () => {
        const { merchantId, ben, cleo, code } = await teaStory();
        const other = await teaStory();
        const [bens, cleos] = (await identities.find([ben.key, cleo.key])) as [GroupId, GroupId];
        const personal = await personalCode.open(wallet, "dan4te");
        const [dans] = (await identities.find([wallet])) as [GroupId];
        const order = { merchantId, groupId: cleos, discountCodes: [], landingUrl: null };

        const signals = await orderSignals.signalsOf([
            { ...order, discountCodes: ["SUMMER10", code.toUpperCase(), personal] },
            { ...order, discountCodes: ["dan4TE"], landingUrl: `/green?ref=${code}&x=1` },
            { ...order, discountCodes: [other.code], landingUrl: "https://tea.example/?ref=nope" },
            { ...order, groupId: bens, discountCodes: [code], landingUrl: `/?ref=${code}` },
            { ...order, landingUrl: "http://[" },
        ]);
        expect(signals).toEqual([
            { code: { referrerGroupId: bens, code }, landing: undefined },
            {
                code: { referrerGroupId: dans, code: "DAN4TE" },
                landing: { referrerGroupId: bens, code, source: "referral" },
            },
            { code: undefined, landing: undefined },
            { code: undefined, landing: undefined },
            { code: undefined, landing: undefined },
        ]);
        expect(await orderSignals.signalsOf([])).toEqual([]);
    });

    test("a code that was given up brings nobody", async () => {
        const { merchantId } = await teaStory();
        const eve = identities.keyOf({ kind: "wallet", wallet: `0x${"e1".repeat(20)}` });
        await personalCode.open(eve, "EVESTE");
        await personalCode.retire(eve);
        const [groupId] = (await identities.find([newClient(merchantId).key, eve])).filter(Boolean);
        const order = { merchantId, groupId: groupId as GroupId, landingUrl: null };
        expect(await orderSignals.signalsOf([{ ...order, discountCodes: ["EVESTE"] }])).toEqual([
            { code: undefined, landing: undefined },
        ]);
    });
});
