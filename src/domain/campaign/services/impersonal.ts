import type { Snapshot } from "./snapshot";
import type { CampaignTrace } from "./trace";

/** Fields whose values are the visitor's or the shop's own words. */
const telling = /^(attribution\.utm|custom|user\.country|referrer\.country)/;

/** Facts without what they say of a person besides amounts and times. */
export function impersonal({ custom: _, touches, ...facts }: Snapshot): Snapshot {
    if (!touches) return facts;
    return {
        ...facts,
        touches: touches.map(({ utm: _utm, shareCode: _shareCode, ...touch }) => touch),
    };
}

/** A trace whose conditions keep how they came out, but not on what words. */
export function impersonalTrace({ trace, ...decided }: CampaignTrace): CampaignTrace {
    const { conditions } = trace;
    if (!conditions) return { ...decided, trace };
    return {
        ...decided,
        trace: {
            ...trace,
            conditions: conditions.map((one) =>
                telling.test(one.field) ? { ...one, actual: null } : one
            ),
        },
    };
}
