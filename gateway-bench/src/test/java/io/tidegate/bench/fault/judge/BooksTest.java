package io.tidegate.bench.fault.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BooksTest {

    @Test
    void thatBalanceAreRight() {
        assertThat(broken(Map.of("delivered", 3L))).isEmpty();
        Map<String, Long> dropped = Map.of("delivered", 1L, "dropped.overflow", 2L);
        assertThat(Books.broken(Map.of("all", new Accounting(3, dropped)), findings(3), false))
                .isEmpty();
    }

    @Test
    void aMessageThatWasDroppedIsAFaultWhereAllMustBeDelivered() {
        assertThat(broken(Map.of("delivered", 1L, "dropped.overflow", 2L)))
                .containsExactly("accounting: delivered 1 (expected: all of the 3 accepted)");
    }

    @Test
    void noneAreAFault() {
        assertThat(Books.broken(Map.of(), findings(3), true))
                .singleElement()
                .asString()
                .contains("the gateway has none");
    }

    @Test
    void aMessageThatIsNowhereIsAFault() {
        assertThat(broken(Map.of("delivered", 2L))).containsExactly("accounting of all: accepted 3, accounted for 2");
    }

    @Test
    void aMessageThatWasNotAcceptedIsAFault() {
        assertThat(Books.broken(Map.of("all", new Accounting(3, Map.of("delivered", 3L))), findings(4), true))
                .singleElement()
                .asString()
                .contains("the 4 that clients sent");
    }

    @Test
    void aMessageThatIsUnderWayAtTheEndIsAFaultWhereThereIsAQueue() {
        Map<String, Long> waiting = Map.of("delivered", 2L, "queued", 1L, "unconfirmed", 0L);
        Map<String, Long> unconfirmed = Map.of("delivered", 2L, "queued", 0L, "unconfirmed", 1L);

        assertThat(broken(waiting)).singleElement().asString().contains("queued 1, unconfirmed 0");
        assertThat(broken(unconfirmed)).singleElement().asString().contains("queued 0, unconfirmed 1");
        assertThat(Books.broken(Map.of("all", new Accounting(3, waiting)), findings(3), false))
                .isEmpty();
    }

    private static List<String> broken(Map<String, Long> kept) {
        return Books.broken(Map.of("all", new Accounting(3, kept)), findings(3), true);
    }

    private static Findings findings(int sent) {
        Replies replies = new Replies();
        for (int i = 0; i < sent; i++) {
            replies.sent(0);
        }
        return Findings.of(List.of(replies), new Deliveries(), true, Map.of(), Map.of());
    }
}
