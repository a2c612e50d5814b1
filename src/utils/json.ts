/** JSON whose numbers are still the text that was sent: no digit of an id or a price is lost. */
export type LosslessJson =
    | string
    | boolean
    | null
    | LosslessJson[]
    | { [key: string]: LosslessJson };

const quote = '"'.charCodeAt(0);
const backslash = "\\".charCodeAt(0);
const minus = "-".charCodeAt(0);
const zero = "0".charCodeAt(0);
const nine = "9".charCodeAt(0);
const number = /[-+.\deE]+/y;

/**
 * Parses JSON and keeps every number as its own text: shops send ids beyond 2^53 and prices as numbers. Throws
 * `SyntaxError` like `JSON.parse`, which is asked twice: a reviver that is told the source of every value takes
 * three times as long.
 */
export function parseLossless(text: string): LosslessJson {
    JSON.parse(text);
    return JSON.parse(withQuotedNumbers(text)) as LosslessJson;
}

/** Of what is JSON: outside of a string, only a number has a digit or a sign in it. */
function withQuotedNumbers(json: string): string {
    let [quoted, taken] = ["", 0];
    for (let at = 0; at < json.length; at++) {
        const code = json.charCodeAt(at);
        if (code === quote) at = endOfString(json, at);
        else if (code === minus || (code >= zero && code <= nine)) {
            number.lastIndex = at;
            number.test(json);
            const end = number.lastIndex;
            quoted += `${json.slice(taken, at)}"${json.slice(at, end)}"`;
            taken = end;
            at = end - 1;
        }
    }
    return quoted + json.slice(taken);
}

/** Where its closing quote stands. */
function endOfString(json: string, start: number): number {
    let end = json.indexOf('"', start + 1);
    while (isEscaped(json, end)) end = json.indexOf('"', end + 1);
    return end;
}

function isEscaped(json: string, at: number): boolean {
    let before = at - 1;
    while (json.charCodeAt(before) === backslash) before--;
    return (at - before) % 2 === 0;
}
