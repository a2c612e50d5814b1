import type { GroupId } from "@/utils/ids";
import type { CapTaking, DueReward } from "./decision";
import type { Facts } from "./facts";

/** Who people are now, by who they were. */
export type Live = ReadonlyMap<GroupId, GroupId>;

/** Facts told by who people are now: who turned out to be one brought, and owes, nothing to themselves. */
export function underLive(facts: Facts, live: Live): Facts {
    const now = (id: GroupId) => live.get(id) ?? id;
    return {
        ...facts,
        actor: now(facts.actor),
        touches: facts.touches.map(({ referrerGroupId, ...touch }) => ({
            ...touch,
            ...(referrerGroupId && { referrerGroupId: now(referrerGroupId) }),
        })),
        chains: new Map([...facts.chains].map(([id, chain]) => [now(id), chain.map(now)])),
        people: new Map([...facts.people].map(([id, person]) => [now(id), person])),
    };
}

export const theirsNow = <Theirs extends DueReward | CapTaking>(theirs: Theirs, live: Live) => ({
    ...theirs,
    groupId: live.get(theirs.groupId) ?? theirs.groupId,
});

/** Everybody whom facts speak of. */
export const peopleIn = ({ actor, touches, chains }: Facts): GroupId[] => [
    actor,
    ...touches.flatMap(({ referrerGroupId }) => referrerGroupId ?? []),
    ...[...chains].flatMap(([id, chain]) => [id, ...chain]),
];
