import { createHash } from "node:crypto";
import type { Fraction } from "@/utils/fraction";

const mask = (1n << 64n) - 1n;

/**
 * SplitMix64 (Steele, Lea & Flood 2014): a small generator of 64-bit numbers whose whole state is one number, so
 * that whoever knows the seed can draw again.
 */
function splitMix64(seed: bigint): () => bigint {
    let state = seed;
    return () => {
        state = (state + 0x9e3779b97f4a7c15n) & mask;
        let mixed = state;
        mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
        mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & mask;
        return mixed ^ (mixed >> 31n);
    };
}

/** A 64-bit number that depends on every letter of the text: the beginning of its SHA-256. */
export const hash64 = (text: string): bigint =>
    createHash("sha256").update(text).digest().readBigUInt64BE(0);

/**
 * A draw from Beta(2, 5), exact: the second smallest of six uniform numbers is distributed so. The same seed
 * always draws the same.
 */
export function drawBeta25(seed: string): Fraction {
    const next = splitMix64(hash64(seed));
    const uniform = Array.from({ length: 6 }, next).sort((a, b) => (a < b ? -1 : 1));
    return { numerator: uniform[1] as bigint, denominator: 1n << 64n };
}
