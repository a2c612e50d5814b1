import { TooLargeError } from "@/utils/errors";

const kib = 1_024;
const limits = [
    { path: "/external/", bytes: 2 * kib * kib },
    { path: "/", bytes: 256 * kib },
];

/** What Bun itself takes in at the most, so that nothing larger is ever in memory. */
export const largestBody = 10 * kib * kib;

/** The largest body, in bytes, that a path takes. */
export function limitOf(pathname: string): number {
    return limits.find(({ path }) => pathname.startsWith(path))?.bytes ?? 0;
}

export function tooLarge(pathname: string): TooLargeError {
    const message = `The body is larger than ${limitOf(pathname) / kib} KiB`;
    return new TooLargeError("PAYLOAD_TOO_LARGE", message);
}
