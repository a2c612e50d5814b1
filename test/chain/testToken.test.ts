import { parseSignature } from "viem";
import { describe, expect, test } from "vitest";
import { dollars, people, refusal } from "../fixtures/teaChain";
import { useTeaChain } from "../fixtures/useTeaChain";

const stage = useTeaChain();
const { ada, eve, minter, zoe } = people;

const types = {
    Permit: [
        { name: "owner", type: "address" },
        { name: "spender", type: "address" },
        { name: "value", type: "uint256" },
        { name: "nonce", type: "uint256" },
        { name: "deadline", type: "uint256" },
    ],
} as const;

async function permit({ deadline, value = dollars(5) }: { deadline: bigint; value?: bigint }) {
    const { address } = stage.tea.token;
    const nonce = await stage.tea.token.read.nonces([ada.address]);
    const message = {
        owner: ada.address,
        spender: zoe.address,
        value: dollars(5),
        nonce,
        deadline,
    };
    const domain = {
        name: "Test Dollar",
        version: "1",
        chainId: 31337,
        verifyingContract: address,
    };
    const signature = await ada.signTypedData({ domain, types, primaryType: "Permit", message });
    const { r, s, yParity } = parseSignature(signature);
    return [ada.address, zoe.address, value, deadline, 27 + yParity, r, s] as const;
}

describe("the test token", () => {
    test("counts in millionths", async () => {
        expect(await stage.tea.token.read.decimals()).toBe(6);
    });

    test("is made by the minter, and by nobody else", async () => {
        const { mined, token } = stage.tea;
        await mined(token.write.mint([ada.address, dollars(1)], { account: minter }));

        expect(await token.read.balanceOf([ada.address])).toBe(dollars(1));
        for (const account of [ada, eve, people.admin, people.settler]) {
            expect(await refusal(token.simulate.mint([eve.address, 1n], { account }))).toBe(
                "AccessControlUnauthorizedAccount"
            );
        }
    });

    test("lets Zoe take what Ada signed for, once", async () => {
        const { mined, mint, token } = stage.tea;
        await mint(ada.address, dollars(5));
        const signed = await permit({ deadline: 2n ** 40n });

        await mined(token.write.permit(signed, { account: zoe }));
        const args = [ada.address, zoe.address, dollars(5)] as const;
        await mined(token.write.transferFrom(args, { account: zoe }));

        expect(await token.read.balanceOf([zoe.address])).toBe(dollars(5));
        expect(await refusal(token.simulate.permit(signed, { account: zoe }))).toBe(
            "ERC2612InvalidSigner"
        );
    });

    test("lets her take neither more nor later", async () => {
        const { token } = stage.tea;
        const more = await permit({ deadline: 2n ** 40n, value: dollars(6) });
        const late = await permit({ deadline: 1n });

        expect(await refusal(token.simulate.permit(more, { account: zoe }))).toBe(
            "ERC2612InvalidSigner"
        );
        expect(await refusal(token.simulate.permit(late, { account: zoe }))).toBe(
            "ERC2612ExpiredSignature"
        );
    });
});
