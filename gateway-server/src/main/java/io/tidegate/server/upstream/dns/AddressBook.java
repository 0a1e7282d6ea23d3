package io.tidegate.server.upstream.dns;

import java.net.InetAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * The addresses that a name has, made of the answers to look-ups.
 *
 * <p>One that is new is taken at once. One that is missing goes when it is missing for the second time in a row: an answer to
 * one of the two questions, for IPv4 and IPv6, may have been lost, and some servers give a part of the addresses each time.
 *
 * <p><b>Threads:</b> one.
 */
final class AddressBook {

    private static final int MISSES = 2;

    private final Map<InetAddress, Integer> missed = new HashMap<>();
    private final Set<InetAddress> addresses = new LinkedHashSet<>();

    /** Takes an answer, of at least one address; whether that changed anything. */
    boolean changedBy(Collection<InetAddress> answer) {
        boolean changed = addresses.addAll(answer);
        answer.forEach(missed::remove);
        for (InetAddress known : Set.copyOf(addresses)) {
            if (!answer.contains(known) && missed.merge(known, 1, Integer::sum) >= MISSES) {
                addresses.remove(known);
                missed.remove(known);
                changed = true;
            }
        }
        return changed;
    }

    /** The addresses there are. */
    Set<InetAddress> addresses() {
        return new HashSet<>(addresses);
    }
}
