package io.tidegate.frame;

/** What {@linkplain FrameBatch batches} consist of. */
public enum Granularity {
    /** Whole frames, and pieces of those too large to be kept together: messages begin and end anywhere. */
    FRAMES,
    /** Whole messages, with all their frames in a row, and control frames between them. */
    MESSAGES
}
