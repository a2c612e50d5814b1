import type { Utm } from "@/domain/attribution";

type Signals = {
    landingUrl: string | undefined;
    referralCode: string | undefined;
    utm: Utm | undefined;
};

const utmNames = ["source", "medium", "campaign", "term", "content"] as const;
const knownParameters = ["ref", ...utmNames.map((name) => `utm_${name}`)];

/**
 * What a landing address says of how somebody came, where the caller does not say it. Of its query only what
 * we know is kept: the rest may be anything, a person's name included.
 */
export function readLanding({ landingUrl, referralCode, utm }: Signals): Signals {
    const url = landingUrl === undefined ? null : URL.parse(landingUrl);
    if (!url) return { landingUrl: undefined, referralCode, utm };

    const known = new URLSearchParams(
        [...url.searchParams].filter(([name]) => knownParameters.includes(name))
    );
    const query = known.size > 0 ? `?${known}` : "";
    return {
        landingUrl: `${url.origin}${url.pathname}${query}`.slice(0, 2_048),
        referralCode: referralCode ?? known.get("ref") ?? undefined,
        utm: utm ?? utmOf(known),
    };
}

function utmOf(query: URLSearchParams): Utm | undefined {
    const entries = utmNames.flatMap((name) => {
        const value = query.get(`utm_${name}`);
        return value ? [[name, value.slice(0, 255)]] : [];
    });
    return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

const nowhere = "https://shop.invalid";

/** The same of the address that a shop noted on an order, which may lack the shop itself. */
export function landingOf(text: string): Signals {
    const url = URL.canParse(text) ? text : URL.parse(text, nowhere)?.href;
    const signals = readLanding({ landingUrl: url, referralCode: undefined, utm: undefined });
    return { ...signals, landingUrl: signals.landingUrl?.replace(nowhere, "") };
}
