import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { createSiweMessage } from "viem/siwe";
import { describe, expect, test } from "vitest";
import { type Answer, ask } from "../fixtures/api";
import { SoftwareAuthenticator } from "../fixtures/SoftwareAuthenticator";
import { challengeFor, WalletHolder } from "../fixtures/story/WalletHolder";

const auth = "/wallet/v1/auth";
const codeOf = ({ status, body }: Answer) => [status, body.error?.code];

/** Whatever a request could say of whose wallet it is about. */
const claimsOf = ({ session }: WalletHolder) => ({
    wallet: session.wallet,
    previousWallet: session.wallet,
    credentialId: session.credentialId,
    id: session.credentialId,
    publicKey: session.publicKey,
});

describe("a wallet is its key's, whatever a request says", () => {
    test("who registers with another's id, key and address gets a wallet of their own", async () => {
        const victim = await WalletHolder.signUp();
        const { challengeId, challenge } = await challengeFor("register");
        const thief = new SoftwareAuthenticator({ origin: "http://localhost:3030" });
        const credential = thief.register(challenge);
        const json = { ...claimsOf(victim), challengeId, credential };
        const { status, body } = await ask("POST", `${auth}/register`, { json });
        expect([status, body.credentialId]).toEqual([201, thief.id]);
        expect(body.wallet).not.toBe(victim.session.wallet);
        expect(body.publicKey).not.toEqual(victim.session.publicKey);
    });

    test("who signs in as another with a key of their own is let in nowhere", async () => {
        const [victim, thief] = [await WalletHolder.signUp(), await WalletHolder.signUp()];
        const { challengeId, challenge } = await challengeFor("login");
        const assertion = thief.phone.authenticate(challenge, { userHandle: null });
        const credential = { ...assertion, ...idOf(victim) };
        const json = { ...claimsOf(victim), challengeId, credential };
        const refused = await ask("POST", `${auth}/login`, { json });
        expect(codeOf(refused)).toEqual([401, "ASSERTION_INVALID"]);
    });

    test("nobody brings a challenge along, nor answers one twice", async () => {
        const ben = await WalletHolder.signUp();
        const own = Buffer.alloc(33, 7).toString("base64url");
        const { challengeId, challenge } = await challengeFor("login");
        const brought = { challengeId, challenge: own, credential: ben.phone.authenticate(own) };
        const refused = await ask("POST", `${auth}/login`, { json: brought });
        expect(refused.status).toBe(401);
        const json = { challengeId, credential: ben.phone.authenticate(challenge) };
        expect(codeOf(await ask("POST", `${auth}/login`, { json }))).toEqual([
            400,
            "CHALLENGE_INVALID",
        ]);
    });
});

const idOf = ({ session: { credentialId } }: WalletHolder) => ({
    id: credentialId,
    rawId: credentialId,
});

describe("the dashboard is where its operator says, not where a request comes from", () => {
    test.each(["https://evil.example", "null", ""])("origin %j", async (origin) => {
        const account = privateKeyToAccount(generatePrivateKey());
        const asked = await ask("POST", "/business/v1/auth/nonce", { headers: { origin } });
        expect(asked.body.domain).toBe("localhost:3030");
        const cookie = asked.headers
            .getSetCookie()
            .map((one) => one.split(";")[0])
            .join("; ");
        const message = createSiweMessage({
            address: account.address,
            nonce: asked.body.nonce,
            domain: "evil.example",
            uri: "https://evil.example",
            chainId: asked.body.chainId,
            issuedAt: new Date(),
            version: "1",
        });
        const json = { message, signature: await account.signMessage({ message }) };
        const headers = { cookie, origin, host: "evil.example" };
        const refused = await ask("POST", "/business/v1/auth/login", { headers, json });
        expect(codeOf(refused)).toEqual([401, "SIWE_INVALID"]);
    });
});
