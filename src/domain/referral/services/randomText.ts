/**
 * Random letters of an alphabet. Bytes past the last full multiple of its length are dropped, so that no letter
 * is likelier.
 */
export function randomText(alphabet: string, length: number): string {
    const bound = 256 - (256 % alphabet.length);
    const letters: string[] = [];
    while (letters.length < length) {
        for (const byte of crypto.getRandomValues(new Uint8Array(length * 2))) {
            if (byte < bound) letters.push(alphabet.charAt(byte % alphabet.length));
        }
    }
    return letters.slice(0, length).join("");
}
