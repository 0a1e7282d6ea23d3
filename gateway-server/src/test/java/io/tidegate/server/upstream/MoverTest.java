package io.tidegate.server.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MoverTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0",
        "1, 0.5, 0",
        "2, 1, 0",
        "3, 1.5, 2",
        "3, 1, 2",
        "12, 10, 0",
        "13, 10, 0",
        "14, 10, 4",
        "9000, 4500, 4500",
        "20, 10.5, 10",
    })
    void whatIsMoreThanAShareIsTooMuchIfItIsClearlyMore(int connections, double share, int surplus) {
        assertThat(Mover.surplus(connections, share)).isEqualTo(surplus);
    }
}
