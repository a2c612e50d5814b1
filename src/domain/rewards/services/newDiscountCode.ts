import { randomInt } from "node:crypto";

/** Without letters and digits that look alike. */
const alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const length = 12;

/** 59 bits of chance: nobody guesses another one's. */
export const newDiscountCode = (): string =>
    Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
