package io.tidegate.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LogCaptureTest {
    private final Logger logger = LoggerFactory.getLogger("io.tidegate.testkit.sample");

    @Test
    void capturesItsOwnPartUntilItIsClosed() {
        try (LogCapture log = LogCapture.start("io.tidegate.testkit")) {
            logger.warn("first {}", 1);
            LoggerFactory.getLogger("elsewhere").error("not here");
            assertThat(log.awaitOnly(Level.WARN).getFormattedMessage()).isEqualTo("first 1");
            log.close();
            logger.error("too late");
            assertThat(log.lines()).hasSize(1);
        }
    }

    @Test
    void listensCloserWhileItLasts() {
        logger.debug("before");
        try (LogCapture log = LogCapture.start("io.tidegate.testkit", Level.DEBUG)) {
            logger.debug("during");
            assertThat(log.lines()).singleElement().hasToString("[DEBUG] during");
        }
        assertThat(logger.isDebugEnabled()).isFalse();
    }

    @Test
    void failsWhenThereAreSeveral() {
        try (LogCapture log = LogCapture.start()) {
            logger.info("fine");
            logger.warn("one");
            logger.error("two");
            assertThat(log.atLeast(Level.WARN)).hasSize(2);
            assertThatThrownBy(() -> log.awaitOnly(Level.WARN))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("WARN io.tidegate.testkit.sample: one");
        }
    }
}
