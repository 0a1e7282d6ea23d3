package io.tidegate.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CloseStatusTest {

    @Test
    void sendableAreTheDefinedCodesAndThoseOfLibrariesAndApplications() {
        int[] defined = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014};

        assertThat(IntStream.rangeClosed(-1, 70_000).filter(CloseStatus::isSendable))
                .containsExactlyElementsOf(IntStream.concat(IntStream.of(defined), IntStream.rangeClosed(3000, 4999))
                        .boxed()
                        .toList());
    }

    @Test
    void whatNeverGoesOnTheWireIsNotSendable() {
        assertThat(IntStream.of(CloseStatus.NO_STATUS, 1006, 1015)).noneMatch(CloseStatus::isSendable);
    }

    @Test
    void codesTheGatewaySendsAreSendable() {
        assertThat(IntStream.of(
                        CloseStatus.NORMAL,
                        CloseStatus.GOING_AWAY,
                        CloseStatus.PROTOCOL_ERROR,
                        CloseStatus.POLICY,
                        CloseStatus.TOO_BIG,
                        CloseStatus.INTERNAL_ERROR,
                        CloseStatus.OVERLOAD,
                        CloseStatus.BAD_GATEWAY))
                .allMatch(CloseStatus::isSendable);
    }

    @Test
    void emptyHasNoStatusAndNoReason() {
        assertThat(CloseStatus.EMPTY).isEqualTo(new CloseStatus(1005, ""));
    }

    @Test
    void readsWellInALog() {
        assertThat(CloseStatus.EMPTY).hasToString("no status");
        assertThat(new CloseStatus(1000, "")).hasToString("1000");
        assertThat(new CloseStatus(1001, "going")).hasToString("1001 \"going\"");
    }
}
