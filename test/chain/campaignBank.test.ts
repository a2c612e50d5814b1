import { type Address, zeroAddress } from "viem";
import { describe, expect, test } from "vitest";
import { settle } from "../fixtures/settlement";
import { bensWallet, day, dollars, people, refusal } from "../fixtures/teaChain";
import { useTeaChain } from "../fixtures/useTeaChain";

const stage = useTeaChain();
const { ada, bankManager, eve, zoe } = people;
const account = ada;

const pay = async (id: bigint, amount: bigint) => {
    const { adasBank, token } = stage.tea;
    const payments = [{ id, wallet: bensWallet, amount }];
    return settle(stage.tea, [{ bank: adasBank.address, token: token.address, payments }]);
};
const balance = (wallet: Address) => stage.tea.token.read.balanceOf([wallet]);
const limit = async () => {
    const [amount, period, spent] = await stage.tea.adasBank.read.limitOf([
        stage.tea.token.address,
    ]);
    return { amount, period, spent };
};
const setLimit = (amount: bigint, period: bigint) => {
    const { adasBank, mined, token } = stage.tea;
    return mined(adasBank.write.setLimit([token.address, amount, period], { account }));
};

/**
 * The first second of a UTC day, one to three days from now: far from any midnight of the test
 * itself.
 */
async function nextMorning(): Promise<bigint> {
    const { client } = stage.tea;
    const { timestamp } = await client.getBlock();
    const morning = (timestamp / day + 2n) * day;
    await client.setNextBlockTimestamp({ timestamp: morning });
    await client.mine({ blocks: 1 });
    return morning;
}

const passTo = async (timestamp: bigint) => {
    await stage.tea.client.setNextBlockTimestamp({ timestamp });
    await stage.tea.client.mine({ blocks: 1 });
};

describe("tokens go in", () => {
    test("by a deposit, which is told", async () => {
        const { adasBank, mined, mint, token } = stage.tea;
        await mint(zoe.address, dollars(10));
        const spender = [adasBank.address, dollars(10)] as const;
        await mined(token.write.approve(spender, { account: zoe }));

        await mined(adasBank.write.deposit([token.address, dollars(10)], { account: zoe }));

        expect(await balance(adasBank.address)).toBe(dollars(1010));
        const [deposit] = await adasBank.getEvents.Deposited();
        expect(deposit?.args).toEqual({
            token: token.address,
            from: zoe.address,
            amount: dollars(10),
        });
    });

    test("by a plain transfer as well", async () => {
        const { adasBank, mined, mint, token } = stage.tea;
        await mint(zoe.address, dollars(10));

        await mined(token.write.transfer([adasBank.address, dollars(10)], { account: zoe }));

        expect(await balance(adasBank.address)).toBe(dollars(1010));
    });
});

describe("tokens go out", () => {
    test("to the owner, who may withdraw even while the bank is paused", async () => {
        const { adasBank, mined, token } = stage.tea;
        await mined(adasBank.write.pause({ account }));

        const args = [token.address, zoe.address, dollars(1000)] as const;
        await mined(adasBank.write.withdraw(args, { account }));

        expect(await balance(zoe.address)).toBe(dollars(1000));
    });

    test("to nobody who is not the owner, be it the manager or the hub's keys", async () => {
        const { adasBank, token } = stage.tea;
        const args = [token.address, eve.address, 1n] as const;

        for (const thief of [eve, bankManager, people.settler, people.admin, people.guardian]) {
            const call = adasBank.simulate.withdraw(args, { account: thief });
            expect(await refusal(call)).toBe("OwnableUnauthorizedAccount");
        }
    });

    test("by the hub only, never by whoever calls", async () => {
        const { adasBank, token } = stage.tea;
        const args = [token.address, [{ id: 1n, wallet: eve.address, amount: 1n }]] as const;

        for (const thief of [eve, bankManager, people.settler, ada]) {
            const call = adasBank.simulate.pay(args, { account: thief });
            expect(await refusal(call)).toBe("CallerNotAllowed");
        }
    });
});

describe("the limit", () => {
    test("holds within its period, to the unit", async () => {
        await nextMorning();
        await pay(1n, dollars(499));

        expect(await pay(2n, dollars(1) + 1n)).toMatchObject({
            failedGroups: { 0: "LimitExceeded" },
        });
        expect(await pay(3n, dollars(1))).toMatchObject({ paid: [3n] });
        expect(await pay(4n, 1n)).toMatchObject({ failedGroups: { 0: "LimitExceeded" } });
        expect(await limit()).toEqual({ amount: dollars(500), period: day, spent: dollars(500) });
    });

    test("is new with the next period, and not a second sooner", async () => {
        const morning = await nextMorning();
        await pay(1n, dollars(500));

        await passTo(morning + day - 10n);
        expect(await pay(2n, 1n)).toMatchObject({ failedGroups: { 0: "LimitExceeded" } });

        await passTo(morning + day);
        expect(await limit()).toMatchObject({ spent: 0n });
        expect(await pay(2n, dollars(500))).toMatchObject({ paid: [2n] });
    });

    test("of period 0 is all there is, for ever", async () => {
        await setLimit(dollars(5), 0n);
        await pay(1n, dollars(5));

        await passTo((await nextMorning()) + 400n * day);
        expect(await pay(2n, 1n)).toMatchObject({ failedGroups: { 0: "LimitExceeded" } });
    });

    test("may be changed in its period without forgetting what was spent", async () => {
        await nextMorning();
        await pay(1n, dollars(400));

        await setLimit(dollars(300), day);
        expect(await stage.tea.adasBank.read.spendable([stage.tea.token.address])).toBe(0n);
        expect(await pay(2n, 1n)).toMatchObject({ failedGroups: { 0: "LimitExceeded" } });

        await setLimit(dollars(401), day);
        expect(await pay(2n, dollars(1))).toMatchObject({ paid: [2n] });
    });

    test("with another period begins anew, even when both are in their first", async () => {
        await setLimit(dollars(500), 0n);
        await pay(1n, dollars(400));

        await setLimit(dollars(500), 2n ** 40n);

        expect(await limit()).toEqual({ amount: dollars(500), period: 2n ** 40n, spent: 0n });
        expect(await pay(2n, dollars(500))).toMatchObject({ paid: [2n] });
    });

    test("is the owner's to set, not the manager's", async () => {
        const { adasBank, token } = stage.tea;
        const args = [token.address, dollars(1), day] as const;

        for (const other of [bankManager, eve, people.settler]) {
            const call = adasBank.simulate.setLimit(args, { account: other });
            expect(await refusal(call)).toBe("OwnableUnauthorizedAccount");
        }
    });
});

describe("the pause", () => {
    test.each([["owner", ada] as const, ["manager", bankManager] as const])(
        "of the %s stops the outflow, and may be lifted again",
        async (_, who) => {
            const { adasBank, mined } = stage.tea;

            await mined(adasBank.write.pause({ account: who }));
            expect(await pay(1n, 1n)).toMatchObject({ failedGroups: { 0: "EnforcedPause" } });

            await mined(adasBank.write.unpause({ account: who }));
            expect(await pay(1n, 1n)).toMatchObject({ paid: [1n] });
        }
    );

    test("is nobody else's", async () => {
        const { adasBank, mined } = stage.tea;
        for (const other of [eve, people.guardian, people.settler]) {
            const call = adasBank.simulate.pause({ account: other });
            expect(await refusal(call)).toBe("CallerNotAllowed");
        }
        await mined(adasBank.write.pause({ account }));
        expect(await refusal(adasBank.simulate.unpause({ account: eve }))).toBe("CallerNotAllowed");
    });

    test("is no longer the manager's once the owner has replaced it", async () => {
        const { adasBank, mined } = stage.tea;
        await mined(adasBank.write.setManager([zeroAddress], { account }));

        expect(await refusal(adasBank.simulate.pause({ account: bankManager }))).toBe(
            "CallerNotAllowed"
        );
        expect(
            await refusal(adasBank.simulate.setManager([eve.address], { account: bankManager }))
        ).toBe("OwnableUnauthorizedAccount");
        await mined(adasBank.write.setManager([zoe.address], { account }));
        expect(await refusal(adasBank.simulate.pause({ account: zoe }))).toBe("accepted");
    });
});

describe("the ownership", () => {
    test("changes when the new owner accepts it, and not before", async () => {
        const { adasBank, mined } = stage.tea;
        await mined(adasBank.write.transferOwnership([zoe.address], { account }));
        expect(await adasBank.read.owner()).toBe(ada.address);
        expect(await refusal(adasBank.simulate.acceptOwnership({ account: eve }))).toBe(
            "OwnableUnauthorizedAccount"
        );

        await mined(adasBank.write.acceptOwnership({ account: zoe }));

        const args = [stage.tea.token.address, zoe.address, 1n] as const;
        expect(await adasBank.read.owner()).toBe(zoe.address);
        expect(await refusal(adasBank.simulate.withdraw(args, { account: zoe }))).toBe("accepted");
        expect(await refusal(adasBank.simulate.withdraw(args, { account: ada }))).toBe(
            "OwnableUnauthorizedAccount"
        );
    });

    test("is never given up, because the tokens would stay for ever", async () => {
        const { adasBank } = stage.tea;
        expect(await refusal(adasBank.read.renounceOwnership({ account }))).toBe("BankNeedsOwner");
    });
});
