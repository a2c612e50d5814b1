import { eq, inArray } from "drizzle-orm";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { ReferralContext, type Referred } from "@/domain/referral";
import { type ReferralEdge, referralEdges } from "@/domain/referral/db/schema";
import { database } from "@/infrastructure/persistence/postgres";
import { DomainError } from "@/utils/errors";
import type { GroupId, MerchantId } from "@/utils/ids";
import { bareShops, strangers } from "../../../fixtures/people";
import { timesOf } from "../../../fixtures/timesOf";

const { referral } = ReferralContext.services;
const { graph } = ReferralContext.repositories;
const db = database.current;
const occurredAt = new Date("2026-03-01T12:00:00Z");

type Link = { merchantId: MerchantId; refereeGroupId: GroupId; referrerGroupId: GroupId };

const attach = (...links: readonly Link[]) =>
    database.transaction(() =>
        referral.attach(links.map((link): Referred => ({ ...link, code: "c", occurredAt })))
    );
const redeem = (refereeGroupId: GroupId, referrerGroupId: GroupId) =>
    database
        .transaction(() =>
            referral.redeem({ refereeGroupId, referrerGroupId, code: "BEN4TE", occurredAt })
        )
        .then(
            () => "redeemed",
            (error: unknown) => {
                if (error instanceof DomainError) return error.code;
                throw error;
            }
        );
const remove = (groupId: GroupId, merchantId?: MerchantId) =>
    referral.removeReferrer(groupId, merchantId).catch((error: unknown) => {
        if (!(error instanceof DomainError)) throw error;
    });
const merge = (from: GroupId, into: GroupId) =>
    database.transaction(() => graph.reassign(from, into));
const edgesOf = (people: readonly GroupId[]) =>
    db
        .select()
        .from(referralEdges)
        .where(inArray(referralEdges.refereeGroupId, [...people]));

/** What counts, said once more and plainly: the shop's own edge, else the personal one unless it is hidden. */
function referrerIn(edges: readonly ReferralEdge[], merchantId: MerchantId | null, of: GroupId) {
    const mine = edges.filter(({ refereeGroupId }) => refereeGroupId === of);
    const here = mine.filter((edge) => merchantId !== null && edge.merchantId === merchantId);
    const live = here.find(({ removedAt }) => removedAt === null);
    if (live) return live.referrerGroupId;
    if (here.some(({ endReason }) => endReason === "removed")) return undefined;
    return mine.find((edge) => edge.merchantId === null && edge.removedAt === null)
        ?.referrerGroupId;
}
function reaches(
    edges: readonly ReferralEdge[],
    at: MerchantId | null,
    [from, to]: readonly [GroupId, GroupId]
): boolean {
    const seen = new Set<GroupId>();
    for (let node: GroupId | undefined = from; node; node = referrerIn(edges, at, node)) {
        if (node === to) return true;
        if (seen.has(node)) return false;
        seen.add(node);
    }
    return false;
}
const circlesIn = (
    edges: readonly ReferralEdge[],
    shops: readonly (MerchantId | null)[],
    people: readonly GroupId[]
) =>
    shops.flatMap((shop) =>
        people.filter((person) => {
            const referrer = referrerIn(edges, shop, person);
            return referrer !== undefined && reaches(edges, shop, [referrer, person]);
        })
    );

let shops: MerchantId[];
beforeAll(async () => {
    shops = await bareShops(3);
});
const shop = () => shops[0] as MerchantId;
const link = (referee?: GroupId, referrer?: GroupId, merchantId = shop()): Link => ({
    merchantId,
    refereeGroupId: referee as GroupId,
    referrerGroupId: referrer as GroupId,
});

describe("who brought whom", () => {
    test("is who was first, and stays", async () => {
        const [ben, cleo, dan] = await strangers(3);
        expect(await attach(link(cleo, ben))).toEqual(new Set([0]));
        expect(await attach(link(cleo, dan))).toEqual(new Set());
        expect(await referral.referrerOf(cleo as GroupId, shop())).toMatchObject({
            referrerGroupId: ben,
            code: "c",
            createdAt: occurredAt,
        });
        expect(await referral.referrerOf(cleo as GroupId, shops[1])).toBeUndefined();
    });

    test("is the first of two in one batch, and never oneself", async () => {
        const [ben, cleo, dan] = await strangers(3);
        const added = await attach(link(dan, dan), link(cleo, ben), link(cleo, dan));
        expect(added).toEqual(new Set([1]));
    });

    test("is the owner of a personal code wherever no shop knows better", async () => {
        const [ben, cleo, dan] = (await strangers(3)) as [GroupId, GroupId, GroupId];
        expect(await redeem(cleo, ben)).toBe("redeemed");
        expect(await redeem(cleo, dan)).toBe("ALREADY_REDEEMED");
        expect(await redeem(ben, ben)).toBe("SELF_REFERRAL");
        await attach(link(cleo, dan));
        expect(await referral.chainsOf([{ merchantId: shop(), groupId: cleo }], 5)).toEqual([
            [dan],
        ]);
        const elsewhere = { merchantId: shops[1] as MerchantId, groupId: cleo };
        expect(await referral.chainsOf([elsewhere], 5)).toEqual([[ben]]);
    });

    test("is nobody for whoever does not want it, at that shop only and for good", async () => {
        const [ben, cleo, dan] = (await strangers(3)) as [GroupId, GroupId, GroupId];
        await redeem(cleo, ben);
        await remove(cleo, shop());
        expect(await referral.referrerOf(cleo, shop())).toBeUndefined();
        expect(await referral.referrerOf(cleo, shops[1])).toMatchObject({ referrerGroupId: ben });
        await expect(referral.removeReferrer(cleo, shop())).rejects.toMatchObject({
            code: "NO_REFERRER",
        });

        expect(await attach(link(cleo, ben))).toEqual(new Set());
        expect(await attach(link(cleo, dan))).toEqual(new Set([0]));
    });
});

describe("chains", () => {
    test("go up from the nearest, as far as asked, ten at the most, for all in one statement", async () => {
        const people = (await strangers(15)) as GroupId[];
        await attach(...people.slice(1).map((person, index) => link(person, people[index])));
        const at = (index: number) => ({ merchantId: shop(), groupId: people[index] as GroupId });

        const [far, none, near] = await referral.chainsOf([at(14), at(0), at(2)], 100);
        expect(far).toEqual(people.slice(4, 14).toReversed());
        expect(none).toEqual([]);
        expect(near).toEqual([people[1], people[0]]);
        expect(await referral.chainsOf([at(9)], 2)).toEqual([[people[8], people[7]]]);
        expect(await referral.chainsOf([], 5)).toEqual([]);
    });
});

describe("a circle", () => {
    test("is closed by neither a link nor a code", async () => {
        const [ben, cleo, dan] = (await strangers(3)) as [GroupId, GroupId, GroupId];
        await attach(link(cleo, ben), link(dan, cleo));
        expect(await attach(link(ben, dan))).toEqual(new Set());
        expect(await redeem(ben, dan)).toBe("WOULD_CYCLE");
        expect(await attach(link(ben, dan, shops[1]))).toEqual(new Set([0]));
    });

    test("is not closed within one batch either", async () => {
        const people = (await strangers(5)) as GroupId[];
        const ring = people.map((person, index) => link(person, people[(index + 1) % 5]));
        expect(await attach(...ring)).toHaveLength(4);
    });

    test("is closed by one of two opposite ones at the same time, however they meet", async () => {
        for (let pair = 0; pair < 20; pair++) {
            const [ben, cleo] = (await strangers(2)) as [GroupId, GroupId];
            const both = [attach(link(ben, cleo)), attach(link(cleo, ben))];
            const sizes = (await Promise.all(both)).map(({ size }) => size);
            expect(sizes.toSorted()).toEqual([0, 1]);
        }
        for (let pair = 0; pair < 20; pair++) {
            const [ben, cleo] = (await strangers(2)) as [GroupId, GroupId];
            const [byLink, byCode] = await Promise.all([
                attach(link(ben, cleo)),
                redeem(cleo, ben),
            ]);
            expect([byLink.size, byCode]).toBeOneOf([
                [1, "WOULD_CYCLE"],
                [0, "redeemed"],
            ]);
        }
    });

    test("costs no more to look for where there are many ways up", async () => {
        const layers = (await strangers(40)) as GroupId[];
        const many = await bareShops(5);
        const bottom = layers[0] as GroupId;
        const top = layers.at(-1) as GroupId;
        for (const [index, person] of layers.slice(0, -1).entries()) {
            await attach(...many.map((merchantId) => link(person, layers[index + 1], merchantId)));
            await redeem(person, layers[index + 1] as GroupId);
        }
        expect(await redeem(top, bottom)).toBe("WOULD_CYCLE");
        for (const merchantId of many)
            expect(await attach(link(top, bottom, merchantId))).toEqual(new Set());
    });

    test("is taken for granted beyond 64 steps, but never of somebody who brought nobody", async () => {
        const people = (await strangers(70)) as GroupId[];
        for (const [index, person] of people.slice(1).entries())
            expect(await attach(link(person, people[index]))).toEqual(new Set([0]));
        const [other, friend] = (await strangers(2)) as [GroupId, GroupId];
        await attach(link(friend, other));
        expect(await attach(link(other, people.at(-1)))).toEqual(new Set());
        expect(await attach(link(other, people[60]))).toEqual(new Set([0]));
    });
});

describe("when two people are one", () => {
    test("an edge between them ends, and says why", async () => {
        const [ben, cleo] = (await strangers(2)) as [GroupId, GroupId];
        await attach(link(cleo, ben));
        await merge(cleo, ben);
        expect(await edgesOf([ben])).toMatchObject([
            { endReason: "selfReferral", referrerGroupId: ben, removedAt: expect.any(Date) },
        ]);
    });

    test("of two referrers the first stays, whoever it was of", async () => {
        for (const isWinnersFirst of [true, false]) {
            const [ben, cleo, one, other] = (await strangers(4)) as [
                GroupId,
                GroupId,
                GroupId,
                GroupId,
            ];
            await attach(link(isWinnersFirst ? one : other, ben));
            await db
                .update(referralEdges)
                .set({ createdAt: new Date("2026-01-01T00:00:00Z") })
                .where(eq(referralEdges.referrerGroupId, ben));
            await attach(link(isWinnersFirst ? other : one, cleo));
            await merge(other, one);

            expect(await referral.referrerOf(one, shop())).toMatchObject({ referrerGroupId: ben });
            const ended = (await edgesOf([one])).filter(({ removedAt }) => removedAt);
            expect(ended).toMatchObject([{ endReason: "secondReferrer", referrerGroupId: cleo }]);
        }
    });

    test("what closes a circle now ends", async () => {
        const [ben, cleo, dan] = (await strangers(3)) as [GroupId, GroupId, GroupId];
        await attach(link(cleo, ben), link(dan, cleo));
        await merge(dan, ben);
        const edges = await edgesOf([ben, cleo]);
        expect(circlesIn(edges, [shop()], [ben, cleo])).toEqual([]);
        expect(edges.map(({ endReason }) => endReason)).toContain("wouldCycle");
    });
});

const size = 8;
const person = fc.nat(size - 1);
const place = fc.nat(2);
const steps = fc.array(
    fc.oneof(
        {
            weight: 5,
            arbitrary: fc.record({
                kind: fc.constant("attach" as const),
                links: fc.array(fc.tuple(person, person, place), { minLength: 18, maxLength: 18 }),
            }),
        },
        {
            weight: 4,
            arbitrary: fc.record({ kind: fc.constant("redeem" as const), a: person, b: person }),
        },
        {
            weight: 3,
            arbitrary: fc.record({
                kind: fc.constant("remove" as const),
                a: person,
                at: fc.option(place),
            }),
        },
        {
            weight: 1,
            arbitrary: fc.record({ kind: fc.constant("merge" as const), a: person, b: person }),
        }
    ),
    { minLength: 14, maxLength: 14 }
);

type Step = typeof steps extends fc.Arbitrary<(infer One)[]> ? One : never;
type StepOf<Kind> = Extract<Step, { kind: Kind }>;

/** Each does what it says and checks that what was refused was so for a reason. Says how many operations it was. */
const doing = {
    async attach({ links }: StepOf<"attach">, people: readonly GroupId[]) {
        const asked = links.map(([a, b, at]) => link(people[a], people[b], shops[at]));
        const before = await edgesOf(people);
        const added = await attach(...asked);
        const after = await edgesOf(people);
        const refused = asked.filter((_, position) => !added.has(position));
        expect(refused.filter((one) => !isRightlyRefused([before, after], one))).toEqual([]);
        return asked.length;
    },
    async redeem({ a, b }: StepOf<"redeem">, people: readonly GroupId[]) {
        const [referee, referrer] = [people[a] as GroupId, people[b] as GroupId];
        if ((await redeem(referee, referrer)) === "WOULD_CYCLE") {
            const edges = await edgesOf(people);
            const open = [...shops, null].filter((at) => !hasOwn(edges, at, referee));
            expect(open.some((at) => reaches(edges, at, [referrer, referee]))).toBe(true);
        }
        return 1;
    },
    async remove({ a, at }: StepOf<"remove">, people: readonly GroupId[]) {
        await remove(people[a] as GroupId, at === null ? undefined : shops[at]);
        return 1;
    },
    async merge({ a, b }: StepOf<"merge">, people: readonly GroupId[]) {
        if (a === b) return 0;
        await merge(people[a] as GroupId, people[b] as GroupId);
        return 1;
    },
};

const histories = timesOf({ everyDay: 30, thorough: 125 });

/** Histories of about a hundred operations each: nothing closes a circle, and nothing is refused without a reason. */
test("whatever people do, there is never a circle", { timeout: 240_000 }, async () => {
    let operations = 0;
    const history = async (all: readonly Step[]) => {
        const people = await strangers(size);
        for (const step of all) {
            operations += await doing[step.kind](step as never, people);
            expect(circlesIn(await edgesOf(people), [...shops, null], people)).toEqual([]);
        }
    };
    await fc.assert(fc.asyncProperty(steps, history), { numRuns: histories });
    expect(operations).toBeGreaterThanOrEqual(histories * 80);
});

const hasOwn = (edges: readonly ReferralEdge[], at: MerchantId | null, of: GroupId) =>
    at !== null &&
    edges.some(
        (edge) =>
            edge.merchantId === at &&
            edge.refereeGroupId === of &&
            (edge.removedAt === null || edge.endReason === "removed")
    );

/** A shop's new edge hides a personal one, so in the middle of a batch either may have been on the way. */
function isRightlyRefused(
    [before, after]: readonly [readonly ReferralEdge[], readonly ReferralEdge[]],
    { merchantId, refereeGroupId, referrerGroupId }: Link
): boolean {
    const here = after.filter(
        (edge) => edge.merchantId === merchantId && edge.refereeGroupId === refereeGroupId
    );
    const above = new Set([referrerGroupId]);
    for (const node of above) {
        for (const edges of [before, after]) {
            const next = referrerIn(edges, merchantId, node);
            if (next) above.add(next);
        }
    }
    return (
        above.has(refereeGroupId) ||
        here.some(({ removedAt }) => removedAt === null) ||
        here.some(
            (edge) => edge.endReason === "removed" && edge.referrerGroupId === referrerGroupId
        )
    );
}
