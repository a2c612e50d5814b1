import { isUniqueViolation } from "@/infrastructure/persistence/postgresErrors";
import { ConflictError, NotFoundError } from "@/utils/errors";
import type { GroupId } from "@/utils/ids";
import type { Clock } from "@/utils/time";
import type { PersonalCodeRepository } from "../repositories/PersonalCodeRepository";
import { randomText } from "./randomText";

/** Capitals and digits without those that people mistake for one another. What a person chooses may have them. */
const alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
export const personalCodeLength = 6;
const suggestionCount = 5;
const maxAttempts = 5;

/** A code of one's own, for friends to type in: good at every shop, in any case. */
export class PersonalCodeService {
    constructor(
        private readonly codes: PersonalCodeRepository,
        private readonly clock: Clock
    ) {}

    /**
     * Makes the code that the person chose, or one at random, theirs. Must be called in a transaction that holds
     * them. Throws `ALREADY_ACTIVE`, or `CODE_UNAVAILABLE` when it is or was somebody else's.
     */
    async open(groupId: GroupId, chosen: string | undefined): Promise<string> {
        if (await this.codes.findCurrent(groupId)) throw alreadyActive();
        const code = chosen?.toUpperCase() ?? (await this.freeCode());
        if (await this.add(code, groupId)) return code;
        throw new ConflictError("CODE_UNAVAILABLE", "This code is somebody else's");
    }

    /** Throws `CODE_NOT_FOUND` when the person has none. */
    async retire(groupId: GroupId): Promise<void> {
        if ((await this.codes.retire(groupId, this.clock.now())) === 0) throw codeNotFound();
    }

    /** Whose code it is now, or `CODE_NOT_FOUND`. */
    async ownerOf(code: string): Promise<GroupId> {
        const owner = await this.codes.findOwner(code.toUpperCase());
        if (!owner) throw codeNotFound();
        return owner;
    }

    /** Free codes that begin like the stem. Nothing is reserved. */
    async suggest(stem: string): Promise<string[]> {
        const start = stem.toUpperCase();
        const candidates = new Set(start.length === personalCodeLength ? [start] : []);
        for (let count = 0; count < suggestionCount * maxAttempts; count++) {
            const kept = start.slice(0, personalCodeLength - (count < suggestionCount ? 2 : 3));
            candidates.add(kept + randomText(alphabet, personalCodeLength - kept.length));
        }
        const taken = await this.codes.findTaken([...candidates]);
        return [...candidates].filter((code) => !taken.has(code)).slice(0, suggestionCount);
    }

    private async add(code: string, groupId: GroupId): Promise<boolean> {
        try {
            return await this.codes.add(code, groupId, this.clock.now());
        } catch (error) {
            if (isUniqueViolation(error, "personal_codes_one_current")) throw alreadyActive();
            throw error;
        }
    }

    private async freeCode(): Promise<string> {
        const candidates = Array.from({ length: maxAttempts }, () =>
            randomText(alphabet, personalCodeLength)
        );
        const taken = await this.codes.findTaken(candidates);
        const free = candidates.find((code) => !taken.has(code));
        if (free) return free;
        throw new Error(`No free personal code after ${maxAttempts} attempts`);
    }
}

const alreadyActive = () =>
    new ConflictError("ALREADY_ACTIVE", "You have a personal code already; give it up first");
const codeNotFound = () => new NotFoundError("CODE_NOT_FOUND", "There is no such code");
