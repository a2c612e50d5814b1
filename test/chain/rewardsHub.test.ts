import { RewardsHub } from "@contracts/artifacts/RewardsHub";
import { keccak256, parseEventLogs, toHex, zeroHash } from "viem";
import { describe, expect, test } from "vitest";
import { settle } from "../fixtures/settlement";
import { bensWallet, dollars, people, refusal } from "../fixtures/teaChain";
import { useTeaChain } from "../fixtures/useTeaChain";

const stage = useTeaChain();
const root = (word: string) => keccak256(toHex(word));
const payment = { id: 1n, wallet: bensWallet, amount: dollars(5) };

const batch = () => {
    const { adasBank, token } = stage.tea;
    return [{ bank: adasBank.address, token: token.address, payments: [payment] }];
};

describe("who may do what", () => {
    const { admin, settler, publisher, guardian, bankManager, minter, ada, eve } = people;
    const everybody = { admin, settler, publisher, guardian, bankManager, minter, ada, eve };
    type Name = keyof typeof everybody;

    async function whoMay(call: (account: (typeof people)["ada"]) => Promise<unknown>) {
        const allowed: Name[] = [];
        for (const name of Object.keys(everybody) as Name[]) {
            const answer = await refusal(call(everybody[name]));
            if (answer === "accepted") allowed.push(name);
            else expect(answer).toBe("AccessControlUnauthorizedAccount");
        }
        return allowed;
    }

    test("the settler settles, and nobody else", async () => {
        const { hub } = stage.tea;
        const args = [1n, batch(), zeroHash] as const;
        expect(await whoMay((account) => hub.simulate.settle(args, { account }))).toEqual([
            "settler",
        ]);
    });

    test("the publisher publishes, and nobody else", async () => {
        const { hub } = stage.tea;
        const args = [1n, root("purchases"), root("liabilities"), []] as const;
        expect(await whoMay((account) => hub.simulate.publish(args, { account }))).toEqual([
            "publisher",
        ]);
    });

    test("the guardian pauses and unpauses, and nobody else", async () => {
        const { hub, mined } = stage.tea;
        expect(await whoMay((account) => hub.simulate.pause({ account }))).toEqual(["guardian"]);

        await mined(hub.write.pause({ account: guardian }));
        expect(await whoMay((account) => hub.simulate.unpause({ account }))).toEqual(["guardian"]);
    });

    test("the admin gives and takes roles, and nobody else", async () => {
        const { hub, mined } = stage.tea;
        const role = await hub.read.SETTLER_ROLE();
        const give = [role, eve.address] as const;
        const take = [role, settler.address] as const;
        expect(await whoMay((account) => hub.simulate.grantRole(give, { account }))).toEqual([
            "admin",
        ]);
        expect(await whoMay((account) => hub.simulate.revokeRole(take, { account }))).toEqual([
            "admin",
        ]);

        await mined(hub.write.revokeRole(take, { account: admin }));
        const args = [1n, batch(), zeroHash] as const;
        expect(await refusal(hub.simulate.settle(args, { account: settler }))).toBe(
            "AccessControlUnauthorizedAccount"
        );
    });
});

describe("the pause", () => {
    test("stops every settlement until it is lifted", async () => {
        const { hub, mined } = stage.tea;
        await mined(hub.write.pause({ account: people.guardian }));

        const args = [1n, batch(), zeroHash] as const;
        const call = hub.simulate.settle(args, { account: people.settler });
        expect(await refusal(call)).toBe("EnforcedPause");

        await mined(hub.write.unpause({ account: people.guardian }));
        expect(await settle(stage.tea, batch())).toMatchObject({ paid: [1n] });
    });
});

describe("what is published", () => {
    const liabilities = () => [{ token: stage.tea.token.address, amount: dollars(12) }];
    const publish = (epoch: bigint, purchases = "purchases") => {
        const args = [epoch, root(purchases), root("liabilities"), liabilities()] as const;
        const { hub, mined } = stage.tea;
        return mined(hub.write.publish(args, { account: people.publisher }));
    };

    test("are the roots of an epoch and what is owed under them", async () => {
        const { logs } = await publish(7n);

        expect(parseEventLogs({ abi: RewardsHub.abi, logs })).toMatchObject([
            {
                eventName: "EpochPublished",
                args: {
                    epoch: 7n,
                    purchasesRoot: root("purchases"),
                    liabilitiesRoot: root("liabilities"),
                    liabilities: liabilities(),
                },
            },
        ]);
        expect(await stage.tea.hub.read.publications([7n])).not.toBe(zeroHash);
        expect(await stage.tea.hub.read.publications([8n])).toBe(zeroHash);
    });

    test("is published once, however often it is sent", async () => {
        await publish(7n);

        expect(await publish(7n)).toMatchObject({ status: "success", logs: [] });
    });

    test("is never replaced", async () => {
        await publish(7n);

        const args = [7n, root("other purchases"), root("liabilities"), liabilities()] as const;
        const call = stage.tea.hub.simulate.publish(args, { account: people.publisher });
        expect(await refusal(call)).toBe("EpochAlreadyPublished");
    });

    test("with a batch is the root of its rewards, and its epoch", async () => {
        const { hub, mined } = stage.tea;
        const args = [3n, batch(), root("rewards")] as const;
        const { logs } = await mined(hub.write.settle(args, { account: people.settler }));

        const [made, settled] = parseEventLogs({ abi: RewardsHub.abi, logs });
        const { bank, token } = batch()[0] ?? {};
        expect(made).toMatchObject({
            eventName: "PaymentsMade",
            args: { bank, token, payments: [payment] },
        });
        expect(settled).toMatchObject({
            eventName: "BatchSettled",
            args: { epoch: 3n, rewardsRoot: root("rewards") },
        });
    });
});
