import type { Touchpoint, Utm } from "../db/schema";

/** Media that a shop pays for by the click or the view, by the names its tools give them. */
const paidMedium = /^(cpc|ppc|cpm|cpv|paid.*|display|affiliate|retargeting)$/i;

/** What brought somebody whom nobody referred. A visit with no signal at all is `direct`. */
export function sourceOf(utm: Utm | undefined): Touchpoint["source"] {
    if (!utm?.source && !utm?.medium) return "direct";
    return paidMedium.test(utm.medium ?? "") ? "paid" : "organic";
}
