/** Who listens to a topic. Neither may throw: a listener that fails is logged and the others are told. */
export type Subscriber = {
    onMessage(message: string): void;
    /** The line was down, so messages may have been missed: whatever was kept because of them is doubtful. */
    onGap(): void;
};

/**
 * Tells every process of ours what just happened. At most once, and to those that listen now: what must not
 * be missed is a row, and the message only saves the wait for somebody to look.
 */
export type MessageBus = {
    /**
     * Heard by every process, this one included, when the caller's transaction commits, and by nobody when
     * it does not. At most 7,900 bytes of UTF-8, topic included.
     */
    publish(topic: string, message: string): Promise<void>;
    /** Gives back what ends it. */
    subscribe(topic: string, subscriber: Subscriber): () => void;
};
