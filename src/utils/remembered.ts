/** A function that remembers its last answer: for what is asked of the same again and again. */
export function remembered<Asked, Answer>(
    answer: (asked: Asked) => Answer
): (asked: Asked) => Answer {
    let last: { asked: Asked; answer: Answer } | undefined;
    return (asked) => {
        if (last === undefined || last.asked !== asked) last = { asked, answer: answer(asked) };
        return last.answer;
    };
}
