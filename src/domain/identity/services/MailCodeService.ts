import type { Lookups } from "@/infrastructure/crypto/Lookups";
import type { SecretBox } from "@/infrastructure/crypto/SecretBox";
import { InvalidError, RateLimitedError } from "@/utils/errors";
import { type GroupId, newId } from "@/utils/ids";
import { type Clock, hours, later, minutes, seconds } from "@/utils/time";
import type { MailCode, MailCodeId } from "../db/schema";
import type { MailCodeKey, MailCodeRepository } from "../repositories/MailCodeRepository";
import { emailKeyOf, plainEmail } from "./emailKeyOf";

export type CodeMail = { id: MailCodeId; address: string; code: string };
type Guess = { groupId: GroupId; email: string; code: string };

const lifetimeMs = minutes(10);
const mostGuesses = 5;
/** So many codes an hour for one person, and to one address whoever asks: nobody's mailbox is to be flooded. */
const mostCodes = 5;
const windowMs = hours(1);
/** Longer than any attempt to send takes. */
const sendingMs = minutes(1);
const digits = 6;

/** Codes that prove a mailbox: who can read the mail there has them. */
export class MailCodeService {
    constructor(
        private readonly codes: MailCodeRepository,
        private readonly lookups: Lookups,
        private readonly secretBox: SecretBox,
        private readonly clock: Clock
    ) {}

    /** Must be called in the transaction that holds the group. Until when it is good. Throws `RATE_LIMITED`. */
    async issue(groupId: GroupId, email: string): Promise<Date> {
        const key = this.keyOf(groupId, email);
        const createdAt = this.clock.now();
        await this.codes.lock(key);
        const count = await this.codes.countSince(key, later(createdAt, -windowMs));
        if (count >= mostCodes) throw tooMany();
        await this.codes.retire(groupId, createdAt);
        const id = newId<MailCodeId>();
        const expiresAt = later(createdAt, lifetimeMs);
        const times = { createdAt, dueAt: createdAt, expiresAt };
        const sealedAddress = this.secretBox.seal(plainEmail(email), contextOf(id));
        await this.codes.add({ id, ...key, ...times, sealedAddress });
        return expiresAt;
    }

    /**
     * Which code it is. Must be called outside of a transaction: that somebody guessed counts whatever follows. Throws
     * `CODE_INVALID` for one that is wrong, unknown, spent or expired, and for every one after five guesses.
     */
    async check({ groupId, email, code }: Guess): Promise<MailCodeId> {
        const key = this.keyOf(groupId, email);
        const guessed = await this.codes.guess(key, mostGuesses, this.clock.now());
        const right = guessed.find((id) => this.codeOf(id) === code.trim());
        if (!right) throw codeInvalid();
        return right;
    }

    async spend(id: MailCodeId): Promise<void> {
        if (!(await this.codes.spend(id, this.clock.now()))) throw codeInvalid();
    }

    /** Mails that are to be sent now; who does not say how it went is taken for dead after a minute. */
    async takeDue(limit: number): Promise<CodeMail[]> {
        const now = this.clock.now();
        const due = await this.codes.takeDue(now, later(now, sendingMs), limit);
        return due.flatMap((one) => this.mailOf(one));
    }

    async closeMail(id: MailCodeId, lastError: string | null): Promise<void> {
        await this.codes.change(id, { sealedAddress: null, lastError });
    }

    /** Tried again soon: who waits for it looks at an empty mailbox. */
    async postponeMail(id: MailCodeId, lastError: string): Promise<void> {
        await this.codes.change(id, { dueAt: later(this.clock.now(), seconds(5)), lastError });
    }

    /** What counts for a limit stays for as long as it counts. */
    async deleteExpired(now: Date): Promise<void> {
        await this.codes.deleteBefore(later(now, -windowMs));
    }

    private mailOf({ id, sealedAddress }: MailCode): CodeMail[] {
        if (!sealedAddress) return [];
        const address = this.secretBox.open(sealedAddress, contextOf(id));
        return [{ id, address, code: this.codeOf(id) }];
    }

    private keyOf(groupId: GroupId, email: string): MailCodeKey {
        return { groupId, lookup: emailKeyOf(this.lookups, email).lookup };
    }

    private codeOf(id: MailCodeId): string {
        const drawn = BigInt(this.lookups.commitment("mail-code", id)) % 10n ** BigInt(digits);
        return drawn.toString().padStart(digits, "0");
    }
}

const contextOf = (id: MailCodeId): string => `mail-code:${id}`;

const tooMany = () =>
    new RateLimitedError("RATE_LIMITED", "Too many codes were asked for; try again later", {
        retryAfterSeconds: windowMs / seconds(1),
    });
const codeInvalid = () =>
    new InvalidError("CODE_INVALID", "This code is wrong, spent or expired, or was not asked for");
