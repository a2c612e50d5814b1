/** The server's refusal, in its own words: every error of it has one shape. */
export class Refusal extends Error {
    constructor(
        readonly code: string,
        message: string
    ) {
        super(message);
    }
}

type Question = { json?: unknown; headers?: Record<string, string> };

/** Asks our own server; a question with `json` is a POST. Throws `Refusal`. */
export async function ask<Answer>(path: string, question: Question = {}): Promise<Answer> {
    const { json, headers } = question;
    const sent = json === undefined ? {} : { method: "POST", body: JSON.stringify(json) };
    const answer = await fetch(path, {
        ...sent,
        headers: {
            ...headers,
            ...(json === undefined ? {} : { "content-type": "application/json" }),
        },
    }).catch(() => {
        throw new Refusal("UNREACHABLE", "The server does not answer. Is it still running?");
    });
    if (answer.ok) return answer.json();
    throw await refusalOf(answer);
}

async function refusalOf(answer: Response): Promise<Refusal> {
    const body = await answer.json().catch(() => undefined);
    const { code = `HTTP_${answer.status}`, message = answer.statusText } = body?.error ?? {};
    return new Refusal(code, message);
}
