package io.tidegate.server.upstream.balance;

/** What a balancer wants to know of an endpoint. */
public interface Candidate {

    /** What tells it from the others, the same in every gateway that has it: hashes go by it. */
    String id();

    /** Its share, compared with the others': 1 or more. */
    int weight();

    /** Legs it has, those included that are being dialled. */
    int connections();

    /** Its load once it had one more leg; of several, the one where this is lowest is the least busy. */
    default double load() {
        return (connections() + 1.0) / weight();
    }
}
