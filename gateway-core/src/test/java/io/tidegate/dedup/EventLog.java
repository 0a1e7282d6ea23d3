package io.tidegate.dedup;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A listener that writes down what it hears. */
final class EventLog implements DedupListener {

    private final List<String> events = Collections.synchronizedList(new ArrayList<>());

    List<String> events() {
        return List.copyOf(events);
    }

    @Override
    public void onFirst() {
        events.add("first");
    }

    @Override
    public void onDuplicate(int bytes) {
        events.add("duplicate " + bytes);
    }

    @Override
    public void onUnkeyed(DedupKey.Unkeyed cause) {
        events.add("unkeyed " + cause);
    }

    @Override
    public void onFull() {
        events.add("full");
    }

    @Override
    public void onReleased() {
        events.add("released");
    }
}
