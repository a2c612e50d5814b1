import { randomBytes, randomInt } from "node:crypto";
import type { Lookups } from "@/infrastructure/crypto/Lookups";
import type { GroupId, MerchantId } from "@/utils/ids";
import { type Clock, hours, later, minutes } from "@/utils/time";
import type { Handover } from "../db/schema";
import type { HandoverRepository } from "../repositories/HandoverRepository";

export type HandoverKind = Handover["kind"];
export type Issued = { secret: string; expiresAt: Date };
export type Presented = { kind: HandoverKind; secret: string };
type Issue = { kind: HandoverKind; groupId: GroupId; merchantId: MerchantId };

/** 31 letters and digits; no I, L, O, 0 or 1, which people mistake for one another. */
const codeAlphabet = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";
const codeLength = 6;
const maxAttempts = 5;

const makers: Record<HandoverKind, { secret: () => string; lifetimeMs: number }> = {
    mergeToken: {
        secret: () => randomBytes(32).toString("base64url"),
        lifetimeMs: minutes(60),
    },
    installCode: { secret: newCode, lifetimeMs: hours(72) },
};

/** What a person takes from one device to another to be known there: a token in a link, or a code to type. */
export class HandoverService {
    constructor(
        private readonly handovers: HandoverRepository,
        private readonly lookups: Lookups,
        private readonly clock: Clock
    ) {}

    /** Must be called in the transaction that holds the group. */
    async issue({ kind, ...person }: Issue): Promise<Issued> {
        const { secret: make, lifetimeMs } = makers[kind];
        const expiresAt = later(this.clock.now(), lifetimeMs);
        for (let attempt = 0; attempt < maxAttempts; attempt++) {
            const secret = make();
            const key = this.keyOf({ kind, secret });
            if (await this.handovers.add({ ...key, ...person, expiresAt })) {
                return { secret, expiresAt };
            }
        }
        throw new Error(`No free ${kind} after ${maxAttempts} attempts`);
    }

    /** Whose it is and where; nothing is spent. */
    find(presented: Presented): Promise<Handover | undefined> {
        return this.handovers.find(this.keyOf(presented), this.clock.now());
    }

    /** Spends it. Nothing when somebody was faster. */
    take(presented: Presented): Promise<Handover | undefined> {
        return this.handovers.take(this.keyOf(presented), this.clock.now());
    }

    private keyOf({ kind, secret }: Presented) {
        const typed = kind === "installCode" ? secret.trim().toUpperCase() : secret;
        return { kind, lookup: this.lookups.of(kind, typed) };
    }
}

function newCode(): string {
    const letters = Array.from({ length: codeLength }, () => randomInt(codeAlphabet.length));
    return letters.map((letter) => codeAlphabet[letter]).join("");
}
