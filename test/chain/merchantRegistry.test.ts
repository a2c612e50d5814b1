import { MerchantRegistry } from "@contracts/artifacts/MerchantRegistry";
import { type Address, getContract, keccak256, maxUint256, toHex } from "viem";
import { beforeEach, describe, expect, test } from "vitest";
import { people, refusal } from "../fixtures/teaChain";
import { useTeaChain } from "../fixtures/useTeaChain";

const stage = useTeaChain();
const { ada, eve, minter, zoe } = people;
const domain = "tea.example";
const id = BigInt(keccak256(toHex(domain)));
const may = { pause: 1n, publish: 2n, both: 3n };

const registry = () => {
    const { addresses, client } = stage.tea;
    return getContract({ address: addresses.merchantRegistry, abi: MerchantRegistry.abi, client });
};
const registering = (owner: Address, name: string, account = minter) =>
    registry().simulate.register([owner, name], { account });

beforeEach(async () => {
    await stage.tea.mined(registry().write.register([ada.address, domain], { account: minter }));
});

describe("a merchant", () => {
    test("is the token whose number is the hash of its domain", async () => {
        expect(await registry().read.idOf([domain])).toBe(id);
        expect(await registry().read.ownerOf([id])).toBe(ada.address);
    });

    test("is registered once, by a registrar, under a name", async () => {
        expect(await refusal(registering(zoe.address, domain))).toBe("ERC721InvalidSender");
        expect(await refusal(registering(ada.address, ""))).toBe("DomainEmpty");
        expect(await refusal(registering(eve.address, "evil.example", eve))).toBe(
            "AccessControlUnauthorizedAccount"
        );
    });

    test("says what a wallet may do for it, one bit a role", async () => {
        const { mined } = stage.tea;
        await mined(registry().write.setRoles([id, zoe.address, may.pause], { account: ada }));

        expect(await registry().read.hasRoles([id, zoe.address, may.pause])).toBe(true);
        expect(await registry().read.hasRoles([id, zoe.address, may.both])).toBe(false);
        expect(await registry().read.rolesOf([id, ada.address])).toBe(maxUint256);
        expect(await registry().read.rolesOf([id, eve.address])).toBe(0n);
    });

    test("takes no word from anyone but its owner", async () => {
        const wish = [id, eve.address, may.both] as const;
        expect(await refusal(registry().simulate.setRoles(wish, { account: eve }))).toBe(
            "NotTheOwner"
        );
        expect(await refusal(registry().read.rolesOf([1n, eve.address]))).toBe(
            "ERC721NonexistentToken"
        );
    });

    test("that is sold keeps none of the roles that were given before", async () => {
        const { mined } = stage.tea;
        await mined(registry().write.setRoles([id, eve.address, may.both], { account: ada }));
        const sale = [ada.address, zoe.address, id] as const;
        await mined(registry().write.transferFrom(sale, { account: ada }));
        expect(await registry().read.rolesOf([id, eve.address])).toBe(0n);
        expect(await registry().read.rolesOf([id, ada.address])).toBe(0n);

        // Back with Ada, it is another ownership still.
        const back = [zoe.address, ada.address, id] as const;
        await mined(registry().write.transferFrom(back, { account: zoe }));
        expect(await registry().read.rolesOf([id, eve.address])).toBe(0n);
    });
});
