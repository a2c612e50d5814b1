import { expect, test } from "vitest";
import { IdentityContext } from "@/domain/identity";
import { identityHandovers } from "@/domain/identity/db/schema";
import { HandoverService } from "@/domain/identity/services/HandoverService";
import { lookups } from "@/infrastructure/keys";
import { database } from "@/infrastructure/persistence/postgres";
import type { GroupId } from "@/utils/ids";
import { hours, minutes } from "@/utils/time";
import { StoppedClock } from "../../../fixtures/StoppedClock";
import { teaStory } from "../../../fixtures/tea";

const { handovers: repository } = IdentityContext.repositories;
const { identities } = IdentityContext.services;

test.each([
    ["mergeToken", minutes(60)],
    ["installCode", hours(72)],
] as const)(
    "a %s is good until its time is over, once, and for nothing else",
    async (kind, lifetimeMs) => {
        const { merchantId, ben } = await teaStory();
        const clock = new StoppedClock();
        const handovers = new HandoverService(repository, lookups, clock);
        const issue = () =>
            database.transaction(async () => {
                const [groupId] = await identities.resolve([ben.key]);
                return handovers.issue({ kind, groupId: groupId as GroupId, merchantId });
            });
        const [spent, late] = [await issue(), await issue()];
        const other = kind === "mergeToken" ? "installCode" : "mergeToken";
        expect(await handovers.take({ kind: other, secret: spent.secret })).toBeUndefined();

        clock.passes(lifetimeMs - 1);
        expect(await handovers.take({ kind, secret: spent.secret })).toMatchObject({ merchantId });
        expect(await handovers.take({ kind, secret: spent.secret })).toBeUndefined();
        expect(await handovers.find({ kind, secret: late.secret })).toMatchObject({ merchantId });
        clock.passes(1);
        expect(await handovers.find({ kind, secret: late.secret })).toBeUndefined();
        expect(await handovers.take({ kind, secret: late.secret })).toBeUndefined();
        await repository.deleteExpired(new Date(clock.now().getTime() + 1));
        expect(await database.current.$count(identityHandovers)).toBe(0);
    }
);
