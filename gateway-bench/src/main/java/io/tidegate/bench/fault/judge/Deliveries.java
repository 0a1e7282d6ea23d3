package io.tidegate.bench.fault.judge;

import io.tidegate.bench.fault.message.Numbered;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * What upstreams read, of all clients, in the order in which they read it.
 *
 * <p><b>Threads:</b> one.
 */
public final class Deliveries {

    private static final class OfClient {
        private final BitSet seen = new BitSet();
        private int highest = -1;
    }

    private final List<OfClient> clients = new ArrayList<>();
    private long distinct;
    private long repeated;
    private long reordered;
    private long damaged;

    /** An upstream read a message. */
    public void read(Numbered number) {
        while (clients.size() <= number.client()) {
            clients.add(new OfClient());
        }
        OfClient client = clients.get(number.client());
        if (client.seen.get(number.sequence())) {
            repeated++;
            return;
        }
        client.seen.set(number.sequence());
        distinct++;
        if (number.sequence() < client.highest) {
            reordered++;
        }
        client.highest = Math.max(client.highest, number.sequence());
    }

    /** An upstream read something that no client sends. */
    public void damaged() {
        damaged++;
    }

    /** Messages of a client that no upstream read. */
    public int missing(int client, int sent) {
        return client < clients.size()
                ? sent - clients.get(client).seen.get(0, sent).cardinality()
                : sent;
    }

    /** Messages of a client that an upstream read and that were never sent. */
    public int invented(int client, int sent) {
        if (client >= clients.size()) {
            return 0;
        }
        BitSet seen = clients.get(client).seen;
        return seen.cardinality() - seen.get(0, sent).cardinality();
    }

    /** Messages of clients beyond those there were. */
    public int inventedBeyond(int count) {
        int invented = 0;
        for (int i = count; i < clients.size(); i++) {
            invented += clients.get(i).seen.cardinality();
        }
        return invented;
    }

    /** Messages read, each counted once. */
    public long distinct() {
        return distinct;
    }

    /** Messages read again. */
    public long repeated() {
        return repeated;
    }

    /** Messages first read after a later one of the same client. */
    public long reordered() {
        return reordered;
    }

    /** What was read and is no message. */
    public long damagedCount() {
        return damaged;
    }
}
