import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import { AuthContext } from "@/domain/auth";
import { authChallenges } from "@/domain/auth/db/schema";
import { ChallengeService, type Purpose } from "@/domain/auth/services/ChallengeService";
import { database } from "@/infrastructure/persistence/postgres";
import { newId } from "@/utils/ids";
import { minutes } from "@/utils/time";
import { StoppedClock } from "../../../fixtures/StoppedClock";

const { challenges: repository } = AuthContext.repositories;
const purposes: Purpose[] = ["register", "login", "stepUp"];
const refusal = { code: "CHALLENGE_INVALID", kind: "invalid" };
let clock: StoppedClock;
let challenges: ChallengeService;
beforeEach(() => {
    clock = new StoppedClock();
    challenges = new ChallengeService(repository, "wallet.example", clock);
});

describe("a challenge", () => {
    test.each(purposes)(
        "for %s is 33 bytes, of which 32 are random: never the hash of a user operation",
        async (purpose) => {
            const [one, other] = [await challenges.issue(purpose), await challenges.issue(purpose)];
            expect([one.challenge.length, other.challenge.length]).toEqual([33, 33]);
            expect(one.challenge[0]).toBe(other.challenge[0]);
            expect(one.challenge.slice(1)).not.toEqual(other.challenge.slice(1));
            expect(one.id).not.toBe(other.id);
        }
    );

    test("begins with its purpose", async () => {
        const tags = await Promise.all(
            purposes.map(async (purpose) => (await challenges.issue(purpose)).challenge[0])
        );
        expect(tags).toEqual([1, 2, 3]);
    });

    test("comes with a user handle to register, and only then", async () => {
        const [register, other, login] = [
            await challenges.issue("register"),
            await challenges.issue("register"),
            await challenges.issue("login"),
        ];
        expect(Buffer.from(register.userHandle ?? "", "base64url")).toHaveLength(32);
        expect(other.userHandle).not.toBe(register.userHandle);
        expect(login.userHandle).toBeNull();
    });

    test("is given back as it was made", async () => {
        const issued = await challenges.issue("login");
        const redeemed = await challenges.redeem(issued.id, "login");
        expect(Buffer.from(redeemed.challenge).equals(Buffer.from(issued.challenge))).toBe(true);
        expect(redeemed).toMatchObject({ purpose: "login", rpId: "wallet.example" });
    });

    test("is good once, though ten ask for it at once", async () => {
        const { id } = await challenges.issue("login");
        const answers = await Promise.allSettled(
            Array.from({ length: 10 }, () => challenges.redeem(id, "login"))
        );
        expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
        await expect(challenges.redeem(id, "login")).rejects.toMatchObject(refusal);
    });

    test.each(
        purposes.flatMap((given) =>
            purposes.filter((asked) => asked !== given).map((asked) => [given, asked] as const)
        )
    )("for %s is worth nothing for %s, and is spent by the attempt", async (given, asked) => {
        const { id } = await challenges.issue(given);
        await expect(challenges.redeem(id, asked)).rejects.toMatchObject(refusal);
        await expect(challenges.redeem(id, given)).rejects.toMatchObject(refusal);
    });

    test("is good for five minutes", async () => {
        const [early, late] = [await challenges.issue("login"), await challenges.issue("login")];
        clock.passes(minutes(5) - 1);
        await challenges.redeem(early.id, "login");
        clock.passes(1);
        await expect(challenges.redeem(late.id, "login")).rejects.toMatchObject(refusal);
    });

    test("of another relying party is worth nothing: the wallet has moved", async () => {
        const elsewhere = new ChallengeService(repository, "old.example", clock);
        const { id } = await elsewhere.issue("login");
        await expect(challenges.redeem(id, "login")).rejects.toMatchObject(refusal);
    });

    test("that nobody issued is worth nothing", async () => {
        await expect(challenges.redeem(newId(), "login")).rejects.toMatchObject(refusal);
    });
});

test("what ran out is deleted, and what did not is not", async () => {
    const early = await challenges.issue("login");
    clock.passes(minutes(3));
    const late = await challenges.issue("login");
    clock.passes(minutes(2) + 1);
    await repository.deleteExpired(clock.now());

    const left = (id: string) =>
        database.current.$count(authChallenges, eq(authChallenges.id, id as never));
    expect([await left(early.id), await left(late.id)]).toEqual([0, 1]);
});
