import { PasskeyAccountFactory } from "@contracts/artifacts/PasskeyAccountFactory";
import {
    createTestClient,
    encodeFunctionData,
    type Hex,
    hashMessage,
    hashTypedData,
    http,
    keccak256,
    parseEther,
    publicActions,
    serializeErc6492Signature,
    walletActions,
} from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { createSiweMessage } from "viem/siwe";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { contracts } from "@/infrastructure/blockchain";
import { passkeyWalletAddress } from "@/infrastructure/blockchain/passkeyWalletAddress";
import { config } from "@/infrastructure/config";
import { type Answer, ask } from "../../fixtures/api";
import { useContracts } from "../../fixtures/chain";
import { SoftwareAuthenticator } from "../../fixtures/SoftwareAuthenticator";

const { abi } = PasskeyAccountFactory;
const to = contracts.passkeyAccountFactory;
const chain = createTestClient({ mode: "anvil", transport: http(config.RPC_URL) })
    .extend(publicActions)
    .extend(walletActions);

beforeAll(() => useContracts(), 60_000);

let ada: SoftwareAuthenticator;
let eve: SoftwareAuthenticator;
beforeEach(() => {
    ada = new SoftwareAuthenticator();
    eve = new SoftwareAuthenticator();
});

function creationOf({ credentialId, publicKey: { x, y } }: SoftwareAuthenticator): Hex {
    const args = [keccak256(credentialId), x, y, 0n] as const;
    return encodeFunctionData({ abi, functionName: "createAccount", args });
}

/** What a passkey account has its key sign: the message's hash, bound to this account on this chain. */
function signedFor(account: SoftwareAuthenticator, by: SoftwareAuthenticator, text: string): Hex {
    const verifyingContract = passkeyWalletAddress(account);
    const { CHAIN_ID: chainId } = config;
    return by.signHash(
        hashTypedData({
            domain: { name: "PasskeyAccount", version: "1", chainId, verifyingContract },
            types: { SignedHash: [{ name: "hash", type: "bytes32" }] },
            primaryType: "SignedHash",
            message: { hash: hashMessage(text) },
        })
    );
}

const wrapped = (account: SoftwareAuthenticator, signature: Hex): Hex =>
    serializeErc6492Signature({ address: to, data: creationOf(account), signature });

/** Somebody signs in to the dashboard as this passkey's account. */
async function signsIn(sign: (text: string) => Hex): Promise<Answer> {
    const asked = await ask("POST", "/business/v1/auth/nonce");
    const cookie = asked.headers
        .getSetCookie()
        .map((one) => one.split(";")[0])
        .join("; ");
    const { nonce, domain, uri, chainId } = asked.body;
    const address = passkeyWalletAddress(ada);
    const said = { address, nonce, domain, uri, chainId, issuedAt: new Date() };
    const message = createSiweMessage({ ...said, version: "1" });
    const json = { message, signature: sign(message) };
    return ask("POST", "/business/v1/auth/login", { headers: { cookie }, json });
}

async function deploys(account: SoftwareAuthenticator): Promise<void> {
    const payer = privateKeyToAccount(generatePrivateKey());
    await chain.setBalance({ address: payer.address, value: parseEther("1") });
    const data = creationOf(account);
    const hash = await chain.sendTransaction({ account: payer, chain: null, to, data });
    await chain.waitForTransactionReceipt({ hash, pollingInterval: 50 });
}

async function isSignedIn(answer: Answer): Promise<void> {
    const wallet = passkeyWalletAddress(ada);
    expect([answer.status, answer.body.wallet]).toEqual([200, wallet]);
    const cookie = answer.headers
        .getSetCookie()
        .map((one) => one.split(";")[0])
        .join("; ");
    const session = await ask("GET", "/business/v1/auth/session", { headers: { cookie } });
    expect(session.body.wallet).toBe(wallet);
}
const isRefused = ({ status, body }: Answer): void =>
    expect([status, body.error?.code]).toEqual([401, "SIWE_INVALID"]);

describe("a passkey account signs in to the dashboard", () => {
    test("once it is deployed, and answers for itself (ERC-1271)", async () => {
        isRefused(await signsIn((text) => signedFor(ada, ada, text)));
        await deploys(ada);
        await isSignedIn(await signsIn((text) => signedFor(ada, ada, text)));
        isRefused(await signsIn((text) => signedFor(ada, eve, text)));
        isRefused(await signsIn((text) => signedFor(eve, ada, text)));
        isRefused(await signsIn((text) => signedFor(ada, ada, `${text} `)));
    });

    test("before it is deployed, and brings its creation along (ERC-6492)", async () => {
        await isSignedIn(await signsIn((text) => wrapped(ada, signedFor(ada, ada, text))));
        isRefused(await signsIn((text) => wrapped(ada, signedFor(ada, eve, text))));
        isRefused(await signsIn((text) => wrapped(eve, signedFor(eve, eve, text))));
        expect(await chain.getCode({ address: passkeyWalletAddress(ada) })).toBeUndefined();
    });
});
