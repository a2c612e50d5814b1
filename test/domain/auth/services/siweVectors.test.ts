import { SiweMessage } from "siwe";
import { type Address, createTestClient, type Hex, http } from "viem";
import { expect, test } from "vitest";
import { AuthContext } from "@/domain/auth";
import { SiweService } from "@/domain/auth/services/SiweService";
import { isSignedBy } from "@/infrastructure/blockchain";
import { config } from "@/infrastructure/config";
import { secretHash } from "@/infrastructure/crypto/secretHash";
import eip1271 from "../../../fixtures/vectors/siwe/spruceid-eip1271.json" with { type: "json" };
import negative from "../../../fixtures/vectors/siwe/spruceid-parsing_negative.json" with {
    type: "json",
};
import positive from "../../../fixtures/vectors/siwe/spruceid-parsing_positive.json" with {
    type: "json",
};
import refused from "../../../fixtures/vectors/siwe/spruceid-verification_negative.json" with {
    type: "json",
};
import accepted from "../../../fixtures/vectors/siwe/spruceid-verification_positive.json" with {
    type: "json",
};

const { challenges } = AuthContext.repositories;
const browserSecret = "ada's browser";

type Vector = {
    domain: string;
    domainBinding?: string;
    uri: string;
    address: string;
    nonce: string;
    matchNonce?: string;
    issuedAt: string;
    time?: string;
    signature: string;
};

/** As the vectors have it: the nonce is the one we gave, and it is a minute after the message was made. */
async function verify(vector: Vector, text: string, chainId = 1): Promise<Address> {
    const issued = new Date(vector.issuedAt);
    const now = vector.time ? new Date(vector.time) : new Date(issued.getTime() + 60_000);
    const siwe = new SiweService(
        challenges,
        { origins: [`https://${vector.domainBinding ?? vector.domain}`], chainId },
        isSignedBy,
        { now: () => now }
    );
    await challenges.addNonce({
        nonce: vector.matchNonce ?? vector.nonce,
        browserHash: secretHash(browserSecret),
        expiresAt: new Date(now.getTime() + 60_000),
    });
    return siwe.verify(text, vector.signature as Hex, browserSecret).finally(async () => {
        await challenges.takeNonce(vector.matchNonce ?? vector.nonce, now);
    });
}

/** The vectors are objects, some of which are no message at all. */
function textOf({ domain, uri, issuedAt, ...vector }: Vector & Record<string, unknown>): string {
    const lines = [
        `${domain} wants you to sign in with your Ethereum account:`,
        vector.address,
        "",
        ...(vector["statement"] ? [vector["statement"], ""] : [""]),
        `URI: ${uri}`,
        `Version: ${vector["version"]}`,
        `Chain ID: ${vector["chainId"]}`,
        `Nonce: ${vector.nonce}`,
        `Issued At: ${issuedAt}`,
        ...(vector["expirationTime"] ? [`Expiration Time: ${vector["expirationTime"]}`] : []),
        ...(vector["notBefore"] ? [`Not Before: ${vector["notBefore"]}`] : []),
    ];
    return lines.join("\n");
}

test.each(Object.entries(positive))("%s parses to its fields", (_, { message, fields }) => {
    const { scheme, ...rest } = fields as Record<string, unknown>;
    const parsed = new SiweMessage(message);
    expect(parsed).toMatchObject(rest);
    expect(parsed.scheme ?? null).toBe(scheme ?? null);
});

test.each(Object.entries(negative))("%s is refused", async (_, message) => {
    const siwe = new SiweService(
        challenges,
        { origins: ["https://service.org"], chainId: 1 },
        isSignedBy,
        { now: () => new Date("2022-03-17T12:46:13.610Z") }
    );
    await expect(siwe.verify(message, "0x00", browserSecret)).rejects.toMatchObject({
        code: "SIWE_INVALID",
        message: expect.stringContaining("It is not a SIWE message"),
    });
});

/** Right by the vectors, refused by us: the time is far from the message's, or its URI is another host's. */
const ourPolicy: Record<string, string> = {
    "not yet valid": "It was not issued just now",
    "expired message": "It was not issued just now",
    "recovery byte starting at 0": "Its URI is not the dashboard's",
};

test.each(Object.entries(accepted))("%s", async (name, vector: Vector) => {
    const verifying = verify(vector, textOf(vector));
    const policy = ourPolicy[name];
    if (!policy) expect(await verifying).toBe(vector.address);
    else await expect(verifying).rejects.toThrow(policy);
});

test.each(Object.entries(accepted))("%s is signed by its address", async (_, vector: Vector) => {
    const { address, signature } = vector as { address: Address; signature: Hex };
    expect(await isSignedBy({ address, message: textOf(vector), signature })).toBe(true);
});

test.each(Object.entries(refused))("%s is refused", async (name, vector: Vector) => {
    const code = name === "custom nonce" ? "NONCE_INVALID" : "SIWE_INVALID";
    await expect(verify(vector, textOf(vector))).rejects.toMatchObject({ code });
});

/** Answers `isValidSignature` with ERC-1271's magic value, or with nothing of meaning. */
const saysYes = "0x631626ba7e60e01b60005260206000f3";
const saysNo = "0x60206000f3";

/** The contracts are on mainnet alone; here one that says yes or no stands in their place. */
test.each(Object.entries(eip1271))("%s is asked, and its word counts", async (_, vector) => {
    const address = new SiweMessage(vector.message).address as Address;
    const chain = createTestClient({ mode: "anvil", transport: http(config.RPC_URL) });
    const signed = { address, message: vector.message, signature: vector.signature as Hex };
    expect(await isSignedBy(signed)).toBe(false);
    await chain.setCode({ address, bytecode: saysNo });
    expect(await isSignedBy(signed)).toBe(false);
    await chain.setCode({ address, bytecode: saysYes });
    expect(await isSignedBy(signed)).toBe(true);
    await chain.setCode({ address, bytecode: "0x" });
});
