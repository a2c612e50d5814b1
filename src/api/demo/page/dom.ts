export type Content = Node | string;
type Tag = keyof HTMLElementTagNameMap;

/** An element with a class and a content. Text stays text: nothing here reads markup. */
export function element<Name extends Tag>(
    tag: Name,
    className = "",
    content: readonly Content[] = []
): HTMLElementTagNameMap[Name] {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...content);
    return made;
}

/** The first match inside; the page is wrong without it. */
export function find<Kind extends Element = HTMLElement>(
    selector: string,
    root: ParentNode = document
): Kind {
    const found = root.querySelector<Kind>(selector);
    if (!found) throw new Error(`The page has no ${selector}`);
    return found;
}

/** Long hexadecimal that stays whole for who copies it, and is cut by the style sheet for who reads it. */
export function code(text: string): HTMLElement {
    const made = element("code", "long", [text]);
    made.title = text;
    return made;
}
