import { PasskeyAccount } from "@contracts/artifacts/PasskeyAccount";
import { PasskeyAccountFactory } from "@contracts/artifacts/PasskeyAccountFactory";
import { Collectible } from "@contracts/artifacts/test/Collectible";
import { Stamps } from "@contracts/artifacts/test/Stamps";
import {
    concatHex,
    encodeFunctionData,
    getContract,
    type Hex,
    hashTypedData,
    hexToBytes,
    keccak256,
    padHex,
    parseEther,
    size,
    sliceHex,
    toHex,
} from "viem";
import { beforeEach, describe, expect, test } from "vitest";
import { passkeyWalletAddress } from "@/infrastructure/blockchain/passkeyWalletAddress";
import { SoftwareAuthenticator } from "../fixtures/SoftwareAuthenticator";
import { cleosWallet, dollars, people, refusal } from "../fixtures/teaChain";
import {
    bundle,
    execution,
    type Operation,
    operation,
    operationHash,
    signed,
} from "../fixtures/userOperation";
import { useTeaChain } from "../fixtures/useTeaChain";

/** Wycheproof's, by which OpenZeppelin finds the precompile (EIP-7951): hash, r, s, x, y. */
const p256Question = concatHex([
    "0xbb5a52f42f9c9261ed4361f59422a1e30036e7c32b270c8807a419feca605023",
    padHex("0x05"),
    padHex("0x01"),
    "0xa71af64de5126a4a4e02b7922d66ce9415ce88a4c9d25514d91082c8725ac957",
    "0x5d47723c8fbe580bb369fec9c2665d8e30a435b9932645482e7c9f11e872296b",
]);
const valid = "0x1626ba7e";
const invalid = "0xffffffff";

describe.each([
    { hardfork: "osaka", precompile: padHex("0x01") },
    { hardfork: "prague", precompile: undefined },
])("on $hardfork", ({ hardfork, precompile }) => {
    const stage = useTeaChain({ hardfork });
    const ben = new SoftwareAuthenticator();
    const bensLaptop = new SoftwareAuthenticator();
    const eve = new SoftwareAuthenticator();
    const address = passkeyWalletAddress(ben);
    const wallet = { first: ben, address };

    beforeEach(() => stage.tea.mint(address, dollars(100)));

    const balance = (of = address) => stage.tea.token.read.balanceOf([of]);
    const account = () =>
        getContract({ address, abi: PasskeyAccount.abi, client: stage.tea.client });
    const factory = () => {
        const { addresses, client } = stage.tea;
        const { abi } = PasskeyAccountFactory;
        return getContract({ address: addresses.passkeyAccountFactory, abi, client });
    };
    const toCleo = (amount: bigint) => {
        const { token } = stage.tea;
        const { abi } = token;
        const args = [cleosWallet, amount] as const;
        return {
            target: token.address,
            data: encodeFunctionData({ abi, functionName: "transfer", args }),
        };
    };
    const payCleo = () => operation(stage.tea, wallet, execution(toCleo(dollars(5))));
    const selfCall = async (
        functionName: "addKey" | "removeKey",
        { publicKey }: SoftwareAuthenticator
    ) => {
        const args = [publicKey.x, publicKey.y] as const;
        return operation(
            stage.tea,
            wallet,
            encodeFunctionData({ abi: PasskeyAccount.abi, functionName, args })
        );
    };
    const open = async () =>
        expect(await bundle(stage.tea, signed(await payCleo(), ben))).toBe("done");

    test("the chain has the precompile, or has it not", async () => {
        const { client } = stage.tea;
        const to = "0x0000000000000000000000000000000000000100";
        expect((await client.call({ to, data: p256Question })).data).toBe(precompile);
    });

    describe("the address", () => {
        test("is the same in TypeScript, in the factory and on the chain", async () => {
            const { client, mined } = stage.tea;
            const { x, y } = ben.publicKey;
            for (const index of [0n, 1n]) {
                const args = [keccak256(ben.credentialId), x, y, index] as const;
                const computed = passkeyWalletAddress({ ...ben, index });
                expect(await factory().read.predict(args)).toBe(computed);

                await mined(factory().write.createAccount(args, { account: people.eve }));
                expect(size((await client.getCode({ address: computed })) ?? "0x")).toBe(45 + 64);
            }
            expect(await account().read.firstKey()).toEqual([x, y]);
        });

        test("follows from the credential id, the key and the index", () => {
            const other = { credentialId: eve.credentialId, publicKey: ben.publicKey };
            const places = [ben, eve, other, { ...ben, index: 1n }].map(passkeyWalletAddress);
            expect(new Set(places).size).toBe(4);
        });

        test("is opened once, by whoever asks, and found open afterwards", async () => {
            const { mined } = stage.tea;
            const { x, y } = ben.publicKey;
            const args = [keccak256(ben.credentialId), x, y, 0n] as const;
            const first = await mined(factory().write.createAccount(args, { account: people.eve }));
            const second = await mined(
                factory().write.createAccount(args, { account: people.zoe })
            );

            expect([first.logs.length, second.logs.length]).toEqual([1, 0]);
            expect((await factory().simulate.createAccount(args)).result).toBe(address);
        });

        test("is not given to a key that is not on the curve", async () => {
            const { x } = ben.publicKey;
            const args = [keccak256(ben.credentialId), x, x, 0n] as const;
            expect(await refusal(factory().simulate.createAccount(args))).toBe("InvalidKey");
        });
    });

    describe("an operation", () => {
        test("of the passkey opens the wallet and does what it wants", async () => {
            expect(await bundle(stage.tea, signed(await payCleo(), ben))).toBe("done");
            expect([await balance(), await balance(cleosWallet)]).toEqual([
                dollars(95),
                dollars(5),
            ]);

            expect(await bundle(stage.tea, signed(await payCleo(), ben))).toBe("done");
            expect(await balance(cleosWallet)).toBe(dollars(10));
        });

        test("may be several calls, all or none", async () => {
            const both = execution(toCleo(dollars(5)), toCleo(dollars(6)));
            expect(
                await bundle(stage.tea, signed(await operation(stage.tea, wallet, both), ben))
            ).toBe("done");
            expect(await balance(cleosWallet)).toBe(dollars(11));

            const tooMuch = execution(toCleo(dollars(5)), toCleo(dollars(5000)));
            expect(
                await bundle(stage.tea, signed(await operation(stage.tea, wallet, tooMuch), ben))
            ).toBe("failed");
            expect(await balance(cleosWallet)).toBe(dollars(11));
        });

        test("is done once", async () => {
            const once = signed(await payCleo(), ben);
            await bundle(stage.tea, once);
            const { factory: _, factoryData: __, ...again } = once;

            expect(await bundle(stage.tea, again)).toBe("AA25 invalid account nonce");
            expect(await balance(cleosWallet)).toBe(dollars(5));
        });
    });

    describe("an operation is refused", () => {
        const refused = "AA24 signature error";
        const flip = (signature: Hex, byte: number): Hex => {
            const bytes = hexToBytes(signature);
            bytes[byte] = (bytes[byte] ?? 0) ^ 1;
            return toHex(bytes);
        };
        const evesKey = `${eve.publicKey.x}${eve.publicKey.y.slice(2)}` as const;
        const ways: [string, (wanted: Operation, hash: Hex) => Partial<Operation>][] = [
            ["another key signed it", (_, hash) => ({ signature: eve.signHash(hash) })],
            [
                "another key signed it in the name of ours",
                (_, hash) => ({
                    signature: `${ben.publicKey.x}${ben.publicKey.y.slice(2)}${eve.signHash(hash).slice(130)}`,
                }),
            ],
            [
                "ours signed it in the name of another key",
                (_, hash) => ({ signature: `${evesKey}${ben.signHash(hash).slice(130)}` }),
            ],
            [
                "what it does was replaced after it was signed",
                (wanted, hash) => ({
                    callData: wanted.callData.replace(
                        /c0{38}2/,
                        "d00000000000000000000000000000000000000d"
                    ) as Hex,
                    signature: ben.signHash(hash),
                }),
            ],
            [
                "another operation was signed",
                (wanted) => ({
                    signature: ben.signHash(operationHash({ ...wanted, nonce: wanted.nonce + 1n })),
                }),
            ],
            [
                "it was signed for another chain",
                (wanted) => ({ signature: ben.signHash(operationHash(wanted, 1)) }),
            ],
            [
                "the user was not verified",
                (_, hash) => ({ signature: ben.signHash(hash, { userVerified: false }) }),
            ],
            [
                "the user was not there",
                (_, hash) => ({ signature: ben.signHash(hash, { userPresent: false }) }),
            ],
            [
                "it is backed up and may not be",
                (_, hash) => ({ signature: ben.signHash(hash, { backupEligible: false }) }),
            ],
            [
                "the ceremony was a registration",
                (_, hash) => ({ signature: ben.signHash(hash, { type: "webauthn.create" }) }),
            ],
            [
                "s is the high one",
                (_, hash) => ({ signature: ben.signHash(hash, { lowS: false }) }),
            ],
            ["a bit of r is flipped", (_, hash) => ({ signature: flip(ben.signHash(hash), 64) })],
            ["a bit of s is flipped", (_, hash) => ({ signature: flip(ben.signHash(hash), 127) })],
            ["it is not signed", () => ({ signature: "0x" })],
            [
                "its signature is cut",
                (_, hash) => ({ signature: sliceHex(ben.signHash(hash), 0, 200) }),
            ],
        ];

        test.each(ways)("because %s", async (_, tamper) => {
            const wanted = await payCleo();
            const tampered = { ...wanted, ...tamper(wanted, operationHash(wanted)) };

            expect(await bundle(stage.tea, tampered)).toBe(refused);
            expect(await balance(cleosWallet)).toBe(0n);
        });

        test("because its passkey only logged in: our login challenges have 33 bytes", async () => {
            const wanted = await payCleo();
            const login: Hex = `0x01${operationHash(wanted).slice(2)}`;

            expect(await bundle(stage.tea, { ...wanted, signature: ben.signHash(login) })).toBe(
                refused
            );
        });
    });

    describe("another key", () => {
        test("opens the wallet once it was added, and not before", async () => {
            await open();
            expect(await bundle(stage.tea, signed(await payCleo(), bensLaptop))).toBe(
                "AA24 signature error"
            );

            expect(await bundle(stage.tea, signed(await selfCall("addKey", bensLaptop), ben))).toBe(
                "done"
            );

            expect(await bundle(stage.tea, signed(await payCleo(), bensLaptop))).toBe("done");
            expect(await bundle(stage.tea, signed(await payCleo(), ben))).toBe("done");
            expect(await account().read.keyCount()).toBe(2n);
        });

        test("may lock the first one out, for good or until it is added again", async () => {
            await open();
            await bundle(stage.tea, signed(await selfCall("addKey", bensLaptop), ben));

            expect(
                await bundle(stage.tea, signed(await selfCall("removeKey", ben), bensLaptop))
            ).toBe("done");
            expect(await bundle(stage.tea, signed(await payCleo(), ben))).toBe(
                "AA24 signature error"
            );
            expect(await account().read.keyCount()).toBe(1n);

            await bundle(stage.tea, signed(await selfCall("addKey", ben), bensLaptop));
            expect(await bundle(stage.tea, signed(await payCleo(), ben))).toBe("done");
        });

        test("that was removed is refused", async () => {
            await open();
            await bundle(stage.tea, signed(await selfCall("addKey", bensLaptop), ben));
            await bundle(stage.tea, signed(await selfCall("removeKey", bensLaptop), ben));

            expect(await bundle(stage.tea, signed(await payCleo(), bensLaptop))).toBe(
                "AA24 signature error"
            );
        });

        test("must stay when it is the last, whichever it is", async () => {
            await open();
            expect(await bundle(stage.tea, signed(await selfCall("removeKey", ben), ben))).toBe(
                "failed"
            );
            expect(
                await refusal(
                    account().simulate.removeKey([ben.publicKey.x, ben.publicKey.y], asItself)
                )
            ).toBe("LastKey");

            await bundle(stage.tea, signed(await selfCall("addKey", bensLaptop), ben));
            await bundle(stage.tea, signed(await selfCall("removeKey", ben), bensLaptop));
            expect(
                await bundle(stage.tea, signed(await selfCall("removeKey", bensLaptop), bensLaptop))
            ).toBe("failed");
            expect(await bundle(stage.tea, signed(await payCleo(), bensLaptop))).toBe("done");
        });

        const asItself = { account: address };

        test("is a point of the curve, added once, and removed only when it is there", async () => {
            await open();
            const { x, y } = ben.publicKey;
            const laptop = [bensLaptop.publicKey.x, bensLaptop.publicKey.y] as const;

            expect(await refusal(account().simulate.addKey([x, x], asItself))).toBe("InvalidKey");
            expect(await refusal(account().simulate.addKey([x, y], asItself))).toBe(
                "KeyAlreadyAdded"
            );
            expect(await refusal(account().simulate.removeKey(laptop, asItself))).toBe(
                "UnknownKey"
            );
        });
    });

    describe("a stranger", () => {
        test("can neither make it act nor change its keys", async () => {
            await open();
            const { x, y } = eve.publicKey;
            const mode = `0x01${"00".repeat(31)}` as const;
            const stranger = { account: people.eve };

            const { addKey, execute, removeKey } = account().simulate;
            expect(await refusal(execute([mode, "0x"], stranger))).toBe("AccountUnauthorized");
            expect(await refusal(addKey([x, y], stranger))).toBe("AccountUnauthorized");
            expect(await refusal(removeKey([x, y], stranger))).toBe("AccountUnauthorized");
        });
    });

    describe("a message (ERC-1271)", () => {
        const message = keccak256(toHex("Ben says hello"));
        const typed = (verifyingContract: Hex, chainId: number) =>
            hashTypedData({
                domain: { name: "PasskeyAccount", version: "1", chainId, verifyingContract },
                types: { SignedHash: [{ name: "hash", type: "bytes32" }] },
                primaryType: "SignedHash",
                message: { hash: message },
            });

        test("is signed as typed data of this account on this chain", async () => {
            await open();
            const safe = await account().read.replaySafeHash([message]);

            expect(safe).toBe(typed(address, 31_337));
            expect(await account().read.isValidSignature([message, ben.signHash(safe)])).toBe(
                valid
            );
        });

        test("is not another message, and not signed by another key or without verification", async () => {
            await open();
            const safe = typed(address, 31_337);
            const other = keccak256(toHex("Ben says goodbye"));

            const { isValidSignature } = account().read;
            expect(await isValidSignature([other, ben.signHash(safe)])).toBe(invalid);
            expect(await isValidSignature([message, eve.signHash(safe)])).toBe(invalid);
            expect(await isValidSignature([message, bensLaptop.signHash(safe)])).toBe(invalid);
            expect(
                await isValidSignature([message, ben.signHash(safe, { userVerified: false })])
            ).toBe(invalid);
            expect(await isValidSignature([message, "0x"])).toBe(invalid);
        });

        test("is worth nothing on another account of the same key, on another chain, or unbound", async () => {
            await open();
            const { client, mined } = stage.tea;
            const { x, y } = ben.publicKey;
            const args = [keccak256(ben.credentialId), x, y, 1n] as const;
            await mined(factory().write.createAccount(args, { account: people.zoe }));
            const second = passkeyWalletAddress({ ...ben, index: 1n });
            const other = getContract({ address: second, abi: PasskeyAccount.abi, client });
            const signature = ben.signHash(typed(address, 31_337));

            expect(await account().read.isValidSignature([message, signature])).toBe(valid);
            expect(await other.read.isValidSignature([message, signature])).toBe(invalid);
            expect(
                await account().read.isValidSignature([message, ben.signHash(typed(address, 1))])
            ).toBe(invalid);
            expect(await account().read.isValidSignature([message, ben.signHash(message)])).toBe(
                invalid
            );
        });

        test("that is signed is no operation, and an operation no message", async () => {
            await open();
            const wanted = await payCleo();
            const hash = operationHash(wanted);
            const safe = await account().read.replaySafeHash([hash]);

            expect(await bundle(stage.tea, { ...wanted, signature: ben.signHash(safe) })).toBe(
                "AA24 signature error"
            );
            expect(await account().read.isValidSignature([hash, ben.signHash(hash)])).toBe(invalid);
        });
    });

    describe("what may be given to it", () => {
        test("is ether, before and after it is opened, and Ben can send it on", async () => {
            const { client, mined } = stage.tea;
            const gift = { account: people.zoe, to: address, value: parseEther("1") };
            await mined(client.sendTransaction(gift));
            await open();
            await mined(client.sendTransaction(gift));

            const sendOn = execution({ target: cleosWallet, value: parseEther("2") });
            expect(
                await bundle(stage.tea, signed(await operation(stage.tea, wallet, sendOn), ben))
            ).toBe("done");
            expect(await client.getBalance({ address: cleosWallet })).toBe(parseEther("2"));
        });

        test("are collectibles (ERC-721) and stamps (ERC-1155), one or many", async () => {
            await open();
            const { deploy, mined } = stage.tea;
            const collectible = await deploy(Collectible);
            const stamps = await deploy(Stamps);
            const giver = { account: people.zoe };

            await mined(collectible.write.give([address, 1n], giver));
            await mined(stamps.write.giveOne([address, 1n], giver));
            await mined(stamps.write.give([address, [2n, 3n], [4n, 5n]], giver));

            expect(await collectible.read.ownerOf([1n])).toBe(address);
            expect(await stamps.read.balanceOf([address, 1n])).toBe(1n);
            expect(await stamps.read.balanceOf([address, 3n])).toBe(5n);
        });
    });
});
