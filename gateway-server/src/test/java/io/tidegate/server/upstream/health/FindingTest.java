package io.tidegate.server.upstream.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.server.failure.DialException;
import io.tidegate.server.failure.DialException.Fault;
import io.tidegate.server.failure.Failure;
import io.tidegate.server.failure.UnavailableException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FindingTest {

    @ParameterizedTest
    @CsvSource({"ENDPOINT, ABSENT", "UNCLEAR, TROUBLED"})
    void whatFailedSaysWhetherTheEndpointIsThere(Fault fault, Finding finding) {
        assertThat(Finding.of(new DialException(Failure.UPSTREAM_FAILED, fault, "why", null)))
                .isEqualTo(finding);
    }

    @Test
    void aGatewayInTroubleFindsNothing() {
        assertThat(Finding.of(new UnavailableException("too many open files", Duration.ofSeconds(1))))
                .isEqualTo(Finding.UNKNOWN);
        assertThat(Finding.UNKNOWN.isAnswer()).isFalse();
    }
}
