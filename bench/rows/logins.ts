import { randomBytes } from "node:crypto";
import {
    type VerifyAuthenticationResponseOpts,
    verifyAuthenticationResponse,
} from "@simplewebauthn/server";
import { AuthContext } from "@/domain/auth";
import { passkeyWalletAddress } from "@/infrastructure/blockchain";
import { config } from "@/infrastructure/config";
import { newId } from "@/utils/ids";
import { later, minutes } from "@/utils/time";
import { SoftwareAuthenticator } from "../../test/fixtures/SoftwareAuthenticator";
import { encode, load, summary } from "../lib/load";
import type { Row } from "../lib/report";
import { startProcess } from "../lib/stage";

type Setting = { seconds: number; port: number; insert: Row };
type Phone = { phone: SoftwareAuthenticator; coseKey: Uint8Array<ArrayBuffer> };

const connections = 64;
const phoneCount = 500;
const mostPerSecond = 2_500;
const { authenticators, challenges } = AuthContext.repositories;
const origin = config.WEBAUTHN_ORIGINS[0] ?? "";

/** From an assertion to tokens, beside what the verification of one costs alone in one process. */
export async function logins({ seconds, port, insert }: Setting): Promise<Row[]> {
    const phones = await Promise.all(Array.from({ length: phoneCount }, newPhone));
    const bare: Row = {
        name: "verify one assertion, alone",
        measured: await warm(() => verifications(phones)),
        goal: "≤ 0.3 ms",
    };
    const prepared = await assertions(phones, (seconds + 1) * mostPerSecond);
    let sent = 0;
    const next = () => prepared[sent++ % prepared.length] ?? new Uint8Array();

    const server = await startProcess("src/index.ts", port, { ROLE: "api" });
    await load({ port, connections, seconds: 1, next });
    const measured = await load({ port, connections, seconds, next });
    await server.stop();
    return [bare, { name: "login → tokens", measured, floor: insert, goal: "≥ 1,000/s" }];
}

async function newPhone(): Promise<Phone> {
    const userHandle = randomBytes(32);
    const phone = new SoftwareAuthenticator({ origin, userHandle });
    const { credentialId, publicKey } = phone;
    const coseKey = phone.coseKey();
    await authenticators.add({
        credentialId: phone.id,
        wallet: passkeyWalletAddress({ credentialId, publicKey }),
        publicKey,
        coseKey,
        counter: 0,
        transports: [],
        deviceType: "multiDevice",
        backedUp: true,
        userHandle: userHandle.toString("base64url"),
        label: null,
        userAgent: null,
        createdAt: new Date(),
        lastUsedAt: null,
    });
    return { phone, coseKey };
}

/** Signed beforehand, each over a challenge of its own that is good once. */
async function assertions(phones: readonly Phone[], count: number): Promise<Uint8Array[]> {
    const requests: Uint8Array[] = [];
    while (requests.length < count) requests.push(...(await Promise.all(phones.map(assertion))));
    return requests;
}

async function assertion({ phone }: Phone): Promise<Uint8Array> {
    const challenge = Buffer.concat([Buffer.of(2), randomBytes(32)]);
    const challengeId = newId<never>();
    await challenges.add({
        id: challengeId,
        purpose: "login",
        challenge,
        rpId: config.WEBAUTHN_RP_ID,
        userHandle: null,
        wallet: null,
        consent: null,
        expiresAt: later(new Date(), minutes(5)),
    });
    const credential = phone.authenticate(challenge.toString("base64url"));
    return encode({
        path: "/wallet/v1/auth/login",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ challengeId, credential }),
    });
}

/** As in a server that has been up for a while: what was compiled on the way does not count. */
async function warm<Result>(measure: () => Promise<Result>): Promise<Result> {
    await measure();
    return measure();
}

async function verifications(phones: readonly Phone[]) {
    const latencies: number[] = [];
    for (const { phone, coseKey } of phones) {
        const expectedChallenge = randomBytes(33).toString("base64url");
        const options: VerifyAuthenticationResponseOpts = {
            response: phone.authenticate(expectedChallenge),
            expectedChallenge,
            expectedOrigin: origin,
            expectedRPID: config.WEBAUTHN_RP_ID,
            credential: { id: phone.id, publicKey: coseKey, counter: 0 },
        };
        const before = performance.now();
        await verifyAuthenticationResponse(options);
        latencies.push(performance.now() - before);
    }
    const elapsed = latencies.reduce((sum, ms) => sum + ms, 0) / 1_000;
    return summary(latencies, elapsed, 0);
}
