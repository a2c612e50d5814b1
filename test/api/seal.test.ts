import { unsealData } from "iron-session";
import type { Address } from "viem";
import { expect, test } from "vitest";
import { openSeal, seal } from "@/api/seal";
import { config } from "@/infrastructure/config";
import { newId, type SessionId } from "@/utils/ids";
import vectors from "../fixtures/vectors/iron-session/seals.json" with { type: "json" };

const wallet = `0x${"a1".repeat(20)}` as Address;

test.each(vectors.cases)("$name: $why", async ({ seal: sealed, password, ttl, observedV9 }) => {
    const secrets = password as string | Record<string, string>;
    expect(await unsealData(sealed, { password: secrets, ttl })).toEqual(observedV9.data);
});

test("the cookie holds the wallet and the session and nothing else", async () => {
    const session = { wallet, sid: newId<SessionId>() };
    const sealed = await seal(session);
    expect(await openSeal(sealed)).toEqual(session);
    const password = { [String(config.SESSION_SECRETS.length)]: config.SESSION_SECRETS[0] ?? "" };
    expect(await unsealData(sealed, { password })).toEqual(session);
});

test.each(vectors.cases)("$name, sealed by somebody else, opens nothing here", async (vector) => {
    expect(await openSeal(vector.seal)).toBeUndefined();
});
