import { PasskeyAccountFactory } from "@contracts/artifacts/PasskeyAccountFactory";
import {
    encodeFunctionData,
    type Hex,
    hashMessage,
    hashTypedData,
    keccak256,
    serializeErc6492Signature,
} from "viem";
import { expect, test } from "vitest";
import { passkeyWalletAddress } from "@/infrastructure/blockchain/passkeyWalletAddress";
import { SoftwareAuthenticator } from "../fixtures/SoftwareAuthenticator";
import { people } from "../fixtures/teaChain";
import { useTeaChain } from "../fixtures/useTeaChain";

const stage = useTeaChain({ hardfork: "osaka" });
const ben = new SoftwareAuthenticator();
const eve = new SoftwareAuthenticator();
const address = passkeyWalletAddress(ben);
const message = "dashboard.example wants you to sign in with your Ethereum account";
const { abi } = PasskeyAccountFactory;
const creation = [keccak256(ben.credentialId), ben.publicKey.x, ben.publicKey.y, 0n] as const;

/** What a passkey account has its key sign: the message's hash, bound to this account on this chain. */
const signedBy = (signer: SoftwareAuthenticator): Hex =>
    signer.signHash(
        hashTypedData({
            domain: {
                name: "PasskeyAccount",
                version: "1",
                chainId: 31_337,
                verifyingContract: address,
            },
            types: { SignedHash: [{ name: "hash", type: "bytes32" }] },
            primaryType: "SignedHash",
            message: { hash: hashMessage(message) },
        })
    );
const check = (signature: Hex) => stage.tea.client.verifyMessage({ address, message, signature });

test("an account that is deployed answers for itself (ERC-1271)", async () => {
    const { addresses, client, mined } = stage.tea;
    expect(await check(signedBy(ben))).toBe(false);
    const to = addresses.passkeyAccountFactory;
    const data = encodeFunctionData({ abi, functionName: "createAccount", args: creation });
    await mined(client.sendTransaction({ account: people.eve, to, data }));
    expect(await check(signedBy(ben))).toBe(true);
    expect(await check(signedBy(eve))).toBe(false);
});

test("one that is not deployed yet brings its creation along (ERC-6492)", async () => {
    const wrapped = (signature: Hex) =>
        serializeErc6492Signature({
            address: stage.tea.addresses.passkeyAccountFactory,
            data: encodeFunctionData({ abi, functionName: "createAccount", args: creation }),
            signature,
        });
    expect(await check(wrapped(signedBy(ben)))).toBe(true);
    expect(await check(wrapped(signedBy(eve)))).toBe(false);
    expect(await stage.tea.client.getCode({ address })).toBeUndefined();
});
