import { CampaignBank } from "@contracts/artifacts/CampaignBank";
import { getContract, keccak256, toFunctionSelector, toHex, zeroAddress } from "viem";
import { describe, expect, test } from "vitest";
import { bankAddress } from "@/infrastructure/blockchain/bankAddress";
import { day, dollars, people, refusal } from "../fixtures/teaChain";
import { useTeaChain } from "../fixtures/useTeaChain";

const stage = useTeaChain();
const { ada, bankManager, eve, zoe } = people;
const merchantKey = keccak256(toHex("Zoe's Coffee"));

const opening = (owner = zoe.address, manager = bankManager.address) => {
    const limits = [{ token: stage.tea.token.address, amount: dollars(50), period: 7n * day }];
    return [owner, merchantKey, manager, limits] as const;
};

describe("a bank", () => {
    test("is where the factory, TypeScript and the chain say", async () => {
        const { addresses, client, factory, mined } = stage.tea;
        const predicted = await factory.read.predict([zoe.address, merchantKey]);
        const computed = bankAddress({ ...addresses, owner: zoe.address, merchantKey });
        const { result: deployed } = await factory.simulate.deploy(opening(), {
            account: bankManager,
        });

        await mined(factory.write.deploy(opening(), { account: bankManager }));

        expect([computed, deployed]).toEqual([predicted, predicted]);
        expect(await client.getCode({ address: predicted })).toHaveLength(2 + 2 * 45);
    });

    test("has its owner, its manager and its limits from its first transaction on", async () => {
        const { client, factory, mined, token } = stage.tea;
        await mined(factory.write.deploy(opening(), { account: bankManager }));

        const address = await factory.read.predict([zoe.address, merchantKey]);
        const bank = getContract({ address, abi: CampaignBank.abi, client });
        expect(await bank.read.owner()).toBe(zoe.address);
        expect(await bank.read.manager()).toBe(bankManager.address);
        expect(await bank.read.limitOf([token.address])).toEqual([dollars(50), 7n * day, 0n]);
        const [event] = await factory.getEvents.BankDeployed();
        expect(event?.args).toEqual({
            bank: address,
            owner: zoe.address,
            merchantKey,
            manager: bankManager.address,
        });
    });

    test("of another owner or another merchant is somewhere else", async () => {
        const { addresses } = stage.tea;
        const others = [
            { owner: zoe.address, merchantKey },
            { owner: ada.address, merchantKey },
            { owner: zoe.address, merchantKey: keccak256(toHex("Zoe's other shop")) },
        ];
        const places = others.map((bank) => bankAddress({ ...addresses, ...bank }));
        expect(new Set(places).size).toBe(3);
    });
});

describe("who may open it", () => {
    test("is the owner, and the bank manager", async () => {
        const { factory } = stage.tea;
        for (const account of [zoe, bankManager]) {
            expect(await refusal(factory.simulate.deploy(opening(), { account }))).toBe("accepted");
        }
    });

    test("is nobody else: Eve cannot be first with limits and a manager of her own", async () => {
        const { factory } = stage.tea;
        for (const account of [eve, people.settler, people.guardian, people.admin]) {
            const call = factory.simulate.deploy(opening(zoe.address, eve.address), { account });
            expect(await refusal(call)).toBe("CallerNotAllowed");
        }
    });

    test("opens it once", async () => {
        const { factory, mined } = stage.tea;
        await mined(factory.write.deploy(opening(), { account: bankManager }));

        expect(await refusal(factory.simulate.deploy(opening(), { account: zoe }))).toBe(
            "FailedDeployment"
        );
    });

    test("cannot set it up again", async () => {
        const { adasBank } = stage.tea;
        for (const account of [ada, bankManager, eve]) {
            const call = adasBank.simulate.initialize([eve.address, eve.address, []], { account });
            expect(await refusal(call)).toBe("CallerNotAllowed");
        }
    });

    test("cannot open one without an owner", async () => {
        const { factory } = stage.tea;
        const call = factory.simulate.deploy(opening(zeroAddress), { account: bankManager });
        expect(await refusal(call)).toBe(toFunctionSelector("BankNeedsOwner()"));
    });
});
