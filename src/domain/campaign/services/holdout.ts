import { scaled } from "@/utils/decimal";
import type { GroupId } from "@/utils/ids";
import type { Identity } from "./decision";
import type { Definition } from "./definition";
import { hash64 } from "./draw";

const percentScale = 6;
const everyone = 100n * 10n ** BigInt(percentScale);

/** The same people of a campaign are held out always, whatever its version, and others of another campaign. */
export function isHeldOut(
    { holdoutPercent }: Definition,
    { campaignId }: Identity,
    group: GroupId
): boolean {
    if (!holdoutPercent) return false;
    const place = hash64(`${campaignId}:${group}`) % everyone;
    return place < scaled(holdoutPercent, percentScale);
}
