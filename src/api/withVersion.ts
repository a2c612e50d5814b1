/** Requests as they came, by what was made of them: only the former have a socket behind them. */
const originals = new WeakMap<Request, Request>();

/** A path without a version means the newest. */
export function withVersion(request: Request): Request {
    const { pathname } = new URL(request.url);
    const [, router] = /^\/(wallet|business|external|common)\/(?!v\d+\/)/.exec(pathname) ?? [];
    if (!router) return request;
    const url = request.url.replace(`/${router}/`, `/${router}/v1/`);
    const versioned = new Request(url, request);
    originals.set(versioned, request);
    return versioned;
}

export const asItCame = (request: Request): Request => originals.get(request) ?? request;
