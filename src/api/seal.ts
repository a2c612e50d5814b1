import { sealData, unsealData } from "iron-session";
import type { Address } from "viem";
import { config } from "@/infrastructure/config";
import type { SessionId } from "@/utils/ids";

export type SealedSession = { wallet: Address; sid: SessionId };

const lifetimeSeconds = 7 * 86_400;

/** Ids count from the oldest secret, so that a new one in front leaves the others' as they were. */
const passwords = Object.fromEntries(
    config.SESSION_SECRETS.map((secret, index, all) => [String(all.length - index), secret])
);

/** The dashboard's cookie, sealed by iron-session: unreadable and unforgeable without our secrets. */
export function seal(session: SealedSession): Promise<string> {
    return sealData(session, { password: passwords, ttl: lifetimeSeconds });
}

/** Nothing for what is not a seal of ours, was tampered with, or ran out. */
export async function openSeal(sealed: string): Promise<SealedSession | undefined> {
    const options = { password: passwords, ttl: lifetimeSeconds };
    const session = await unsealData<Partial<SealedSession>>(sealed, options).catch(() => ({}));
    const { wallet, sid } = session as Partial<SealedSession>;
    return wallet && sid ? { wallet, sid } : undefined;
}

export const sealLifetimeSeconds = lifetimeSeconds;
