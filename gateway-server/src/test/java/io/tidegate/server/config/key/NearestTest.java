package io.tidegate.server.config.key;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {

    private static final List<String> KEYS = List.of("path", "host", "upstream", "connectTimeout", "limits");

    @ParameterizedTest
    @CsvSource({
        "pth, path",
        "ptah, path",
        "PATH, path",
        "hosts, host",
        "connect_timeout, connectTimeout",
        "conectTimout, connectTimeout",
        "limit, limits",
        "queue,",
        "tls,",
        "x,",
        "breaker,"
    })
    void findsWhatIsReallyNear(String word, String nearest) {
        assertThat(Nearest.to(word, KEYS)).isEqualTo(nearest);
    }
}
