package io.tidegate.bench.fault.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class AccountingTest {

    @Test
    void addsUp() {
        Accounting books = of("""
                {"accepted": 28, "delivered": 10, "queued": 1, "unconfirmed": 2, "expired": 3, "duplicate": 4,
                 "dropped": {"overflow": 5, "closed": 3}}""");

        assertThat(books.unaccounted()).isZero();
        assertThat(books.settled()).isFalse();
        assertThat(books.kept()).containsEntry("dropped.overflow", 5L);
    }

    @Test
    void tellsWhatIsNotAccountedFor() {
        Accounting books = of("""
                {"accepted": 12, "delivered": 10, "queued": 0, "unconfirmed": 0, "expired": 0, "duplicate": 0,
                 "dropped": {}}""");

        assertThat(books.unaccounted()).isEqualTo(2);
        assertThat(books.settled()).isTrue();
    }

    @Test
    void missingFiguresAreNoZeroes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of("{\"accepted\": 0, \"delivered\": 0}"))
                .withMessageContaining("accounting.queued");
    }

    private static Accounting of(String json) {
        return Accounting.of(JsonMapper.builder().build().readTree(json));
    }
}
