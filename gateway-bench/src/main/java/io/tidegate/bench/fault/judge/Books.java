package io.tidegate.bench.fault.judge;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What is wrong with the gateway's accounting at the end of a run. */
public final class Books {

    private Books() {}

    /**
     * Each fault in a line; empty when there is none.
     *
     * @param books by route, {@code all} for the sum; no books at all are a fault
     * @param findings what clients sent
     * @param over whether all must have come to its end, and, if no client leg closed, have been delivered
     */
    public static List<String> broken(Map<String, Accounting> books, Findings findings, boolean over) {
        Accounting all = books.get("all");
        if (all == null) {
            return List.of("accounting: the gateway has none (no /api/stats)");
        }
        List<String> wrong = new ArrayList<>();
        books.forEach((name, book) -> {
            if (book.unaccounted() != 0) {
                wrong.add("accounting of " + name + ": accepted " + book.accepted() + ", accounted for "
                        + (book.accepted() - book.unaccounted()));
            }
            if (over && !book.settled()) {
                wrong.add("accounting of " + name + ": queued " + book.kept().get("queued") + ", unconfirmed "
                        + book.kept().get("unconfirmed") + " (expected: nothing under way at the end)");
            }
        });
        if (findings.client().closed() == 0) {
            if (all.accepted() != findings.client().sent()) {
                wrong.add("accounting: accepted " + all.accepted() + " (expected: the "
                        + findings.client().sent() + " that clients sent)");
            }
            long delivered = all.kept().getOrDefault("delivered", 0L);
            if (over && all.settled() && all.unaccounted() == 0 && delivered != all.accepted()) {
                wrong.add("accounting: delivered " + delivered + " (expected: all of the " + all.accepted()
                        + " accepted)");
            }
        }
        return wrong;
    }
}
